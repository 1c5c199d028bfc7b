-- deletion_cancel_posts: nothing of user $1 that has not begun goes out any more; $2 posts at most, the next due first
WITH waiting AS (
	SELECT id, state
	  FROM post
	 WHERE user_id = $1::bigint AND state IN ('draft', 'scheduled', 'held')
	 ORDER BY state = 'scheduled' DESC, next_attempt_at, id
	 LIMIT $2::int
	   FOR UPDATE),
cancelled AS (
	UPDATE post
	   SET state = 'cancelled', reason_code = 'erasure', reason_message = 'Its user asked for erasure.',
	       remedy_code = NULL, remedy_message = NULL, next_check_at = NULL, finished_at = now(),
	       preflight_at = NULL, fence = nextval('post_fence'), lease_until = NULL, updated_at = now()
	  FROM waiting
	 WHERE post.id = waiting.id
	RETURNING post.id, waiting.state AS from_state)
INSERT INTO post_event (post_id, kind, name, from_state, code)
SELECT id, 'state', 'cancelled', from_state, 'erasure' FROM cancelled
