-- export_tiktok_messages: TikTok's messages about accounts and posts of user $1 after position $2, at most $3
SELECT w.id AS position,
       json_build_object(
         'id', w.id::text,
         'event', w.event,
         'open_id', w.open_id,
         'publish_id', w.publish_id,
         'public_id', w.public_id,
         'reason', w.reason,
         'sent_at', w.sent_at,
         'received_at', w.received_at) AS item
  FROM webhook_event w
 WHERE (w.open_id IN (SELECT a.open_id FROM account a
                    WHERE a.user_id = $1::bigint
                      AND NOT EXISTS (SELECT FROM account o
                                       WHERE o.open_id = a.open_id AND o.user_id <> a.user_id))
        OR w.publish_id IN (SELECT t.publish_id FROM attempt t JOIN post p ON p.id = t.post_id
                             WHERE p.user_id = $1::bigint AND t.publish_id IS NOT NULL))
   AND w.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
