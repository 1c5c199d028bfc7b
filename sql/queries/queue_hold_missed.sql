-- queue_hold_missed: what could not be sent for $1 minutes is held for its user rather than sent at an odd hour
WITH held AS (
	UPDATE post
	   SET state = 'held', reason_code = $2, reason_message = $3, remedy_code = $4, remedy_message = $5,
	       fence = nextval('post_fence'), lease_until = NULL, preflight_at = NULL, warning_code = NULL,
	       warning_message = NULL, warning_remedy_code = NULL, warning_remedy_message = NULL, updated_at = now()
	 WHERE id IN (SELECT id
	                FROM post
	               WHERE state = 'scheduled' AND next_attempt_at <= now()
	                 AND coalesce(late_from, due_at) < now() - make_interval(mins => $1::int)
	                 AND (lease_until IS NULL OR lease_until < now())
	                 -- an upload that is under way is gone on with
	                 AND NOT EXISTS (SELECT FROM attempt
	                                  WHERE attempt.post_id = post.id AND attempt.closed_at IS NULL
	                                    AND attempt.publish_id IS NOT NULL)
	               ORDER BY next_attempt_at, id LIMIT 500 FOR UPDATE SKIP LOCKED)
	RETURNING id, reason_code, reason_message)
INSERT INTO post_event (post_id, kind, name, from_state, code, message)
SELECT id, 'state', 'held', 'scheduled', reason_code, reason_message FROM held
