-- deletion_resume_posts: user $1 keeps the data: what was held for the erasure goes on, but for what has missed its time
WITH waiting AS (
	SELECT id, due_at, due_at > now() AS in_time
	  FROM post
	 WHERE user_id = $1::bigint AND state = 'held' AND reason_code = 'erasure_waiting'
	   FOR UPDATE),
moved AS (
	UPDATE post
	   SET state = CASE WHEN in_time THEN 'scheduled' ELSE 'held' END,
	       reason_code = CASE WHEN NOT in_time THEN $2 END,
	       reason_message = CASE WHEN NOT in_time THEN $3 END,
	       remedy_code = CASE WHEN NOT in_time THEN $4 END,
	       remedy_message = CASE WHEN NOT in_time THEN $5 END,
	       next_attempt_at = w.due_at, preflight_at = CASE WHEN in_time THEN now() END,
	       fence = nextval('post_fence'), lease_until = NULL, updated_at = now()
	  FROM waiting w
	 WHERE post.id = w.id
	RETURNING post.id, post.state, post.reason_code, post.reason_message)
INSERT INTO post_event (post_id, kind, name, from_state, code, message)
SELECT id, CASE WHEN state = 'held' THEN 'note' ELSE 'state' END, state, 'held', reason_code,
       coalesce(reason_message, 'The erasure was taken back.')
  FROM moved
