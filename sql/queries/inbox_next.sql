-- inbox_next: the oldest delivery that has had no effect yet
SELECT id, event, open_id, publish_id, public_id, reason,
       coalesce(sent_at, received_at) AS sent_at
  FROM webhook_event
 WHERE state = 'new'
   AND (handled_at IS NULL OR handled_at < now() - interval '15 seconds')
 ORDER BY id
 LIMIT 1
   FOR UPDATE SKIP LOCKED
