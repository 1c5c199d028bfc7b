-- queue_start: the intent to call init, durable before the call; $3 is the state it comes from
WITH moved AS (
	UPDATE post
	   SET state = 'publishing', publish_id = NULL, sent_at = NULL, reason_code = NULL, reason_message = NULL,
	       remedy_code = NULL, remedy_message = NULL, updated_at = now()
	 WHERE id = $1::bigint AND fence = $2::bigint AND state = $3
	RETURNING id, account_id, mode),
noted AS (
	INSERT INTO post_event (post_id, kind, name, from_state)
	SELECT id, 'state', 'publishing', $3 FROM moved WHERE $3 <> 'publishing')
INSERT INTO attempt (post_id, fence, account_id, mode, bytes_total, chunk_size, chunk_count)
SELECT id, $2::bigint, account_id, mode, $4::bigint, $5::bigint, $6::bigint FROM moved
RETURNING id
