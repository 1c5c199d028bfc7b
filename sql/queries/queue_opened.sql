-- queue_opened: publish_id and sealed upload address, durable before the first byte (the rule of design 5)
WITH mine AS (
	UPDATE post
	   SET publish_id = $4, updated_at = now()
	 WHERE id = $1::bigint AND fence = $2::bigint AND state = 'publishing'
	RETURNING id)
UPDATE attempt
   SET publish_id = $4, publish_id_at = now(), upload_url_sealed = $5::bytea
  FROM mine
 WHERE attempt.id = $3::bigint AND attempt.post_id = mine.id
   AND attempt.publish_id IS NULL AND attempt.closed_at IS NULL
RETURNING attempt.id
