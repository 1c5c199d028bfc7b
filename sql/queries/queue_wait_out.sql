-- queue_wait_out: while TikTok does not answer, what is due waits and says so; nothing of it is an attempt
WITH waiting AS (
	UPDATE post
	   SET reason_code = $1, reason_message = $2, remedy_code = $3, remedy_message = $4, updated_at = now()
	 WHERE id IN (SELECT id
	                FROM post
	               WHERE state = 'scheduled' AND next_attempt_at <= now() AND reason_code IS DISTINCT FROM $1
	                 AND (lease_until IS NULL OR lease_until < now())
	               ORDER BY next_attempt_at, id LIMIT 500 FOR UPDATE SKIP LOCKED)
	RETURNING id, reason_code, reason_message)
INSERT INTO post_event (post_id, kind, name, code, message)
SELECT id, 'note', 'waiting', reason_code, reason_message FROM waiting
