-- deletion_hold_posts: while an erasure can be taken back, posts of user $1 wait; $2 at most, the next due first
WITH asked AS MATERIALIZED (
	-- taken back in this moment, it holds nothing any more
	SELECT id FROM deletion_request
	 WHERE user_id = $1::bigint AND state = 'grace'
	   FOR SHARE),
held AS (
	UPDATE post
	   SET state = 'held', reason_code = 'erasure_waiting', reason_message = $3, remedy_code = 'undo',
	       remedy_message = $4, preflight_at = NULL, fence = nextval('post_fence'), lease_until = NULL,
	       updated_at = now()
	 WHERE id IN (SELECT id FROM post
	               WHERE user_id = $1::bigint AND state = 'scheduled' AND EXISTS (SELECT FROM asked)
	               ORDER BY next_attempt_at, id LIMIT $2::int FOR UPDATE)
	RETURNING id)
INSERT INTO post_event (post_id, kind, name, from_state, code, message)
SELECT id, 'state', 'held', 'scheduled', 'erasure_waiting', $3 FROM held
