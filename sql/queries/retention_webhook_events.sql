-- retention_webhook_events: deliveries older than TikTok's retries and our memory of them
DELETE FROM webhook_event
 WHERE id IN (SELECT id FROM webhook_event
               WHERE received_at < now() - make_interval(hours => $1::int)
               LIMIT $2::int)
