-- erase_webhook_events: some of TikTok's messages about accounts and posts of user $1; before these, which name them
DELETE FROM webhook_event
 WHERE id IN (SELECT w.id
                FROM webhook_event w
               WHERE w.open_id IN (SELECT a.open_id FROM account a
                                    WHERE a.user_id = $1::bigint
                                      AND NOT EXISTS (SELECT FROM account o
                                                       WHERE o.open_id = a.open_id AND o.user_id <> a.user_id))
                  OR w.publish_id IN (SELECT t.publish_id FROM attempt t JOIN post p ON p.id = t.post_id
                                       WHERE p.user_id = $1::bigint AND t.publish_id IS NOT NULL)
               LIMIT $2::int)
