-- queue_wait_out: while TikTok does not answer, what is due waits and says so; nothing of it is an attempt. What has met the
-- first failures ($5) waits like all others, at its own place in the queue, and not until its next try (decide_backoff)
WITH waiting AS (
	UPDATE post
	   SET reason_code = $1, reason_message = $2, remedy_code = $3, remedy_message = $4,
	       next_attempt_at = least(next_attempt_at, coalesce(late_from, due_at)), updated_at = now()
	 WHERE id IN (SELECT id
	                FROM post
	               WHERE state = 'scheduled' AND next_attempt_at <= now() + interval '30 minutes'
	                 AND (next_attempt_at <= now() OR reason_code = $5)
	                 AND reason_code IS DISTINCT FROM $1
	                 AND (lease_until IS NULL OR lease_until < now())
	               ORDER BY next_attempt_at, id LIMIT 500 FOR UPDATE SKIP LOCKED)
	RETURNING id, reason_code, reason_message)
INSERT INTO post_event (post_id, kind, name, code, message)
SELECT id, 'note', 'waiting', reason_code, reason_message FROM waiting
