-- queue_resume: a post that came back (reconnect, edit of its time) with a live upload goes on where it was, once fewer
-- than $3 posts of its account are in transfer
WITH moved AS (
	UPDATE post
	   SET state = 'publishing', reason_code = NULL, reason_message = NULL, remedy_code = NULL,
	       remedy_message = NULL, warning_code = NULL, warning_message = NULL, warning_remedy_code = NULL,
	       warning_remedy_message = NULL, preflight_at = NULL, updated_at = now()
	 WHERE id = $1::bigint AND fence = $2::bigint AND state = 'scheduled'
	   AND (SELECT count(*) FROM post other
	         WHERE other.account_id = post.account_id AND other.state = 'publishing') < $3::bigint
	RETURNING id)
INSERT INTO post_event (post_id, kind, name, from_state)
SELECT id, 'state', 'publishing', 'scheduled' FROM moved
RETURNING id
