-- retention_webhook_unknown: deliveries about TikTok accounts that are not, or no longer, connected here
DELETE FROM webhook_event
 WHERE id IN (SELECT w.id
                FROM webhook_event w
               WHERE w.received_at < now() - make_interval(hours => $1::int)
                 AND NOT EXISTS (SELECT FROM account a WHERE a.open_id = w.open_id)
               LIMIT $2::int)
