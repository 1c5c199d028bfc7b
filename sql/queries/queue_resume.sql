-- queue_resume: a post that came back (reconnect, edit of its time) with a live upload goes on where it was
WITH moved AS (
	UPDATE post
	   SET state = 'publishing', reason_code = NULL, reason_message = NULL, remedy_code = NULL,
	       remedy_message = NULL, updated_at = now()
	 WHERE id = $1::bigint AND fence = $2::bigint AND state = 'scheduled'
	RETURNING id)
INSERT INTO post_event (post_id, kind, name, from_state)
SELECT id, 'state', 'publishing', 'scheduled' FROM moved
RETURNING id
