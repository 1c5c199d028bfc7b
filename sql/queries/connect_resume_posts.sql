-- connect_resume_posts: account $1 is connected again. Posts held for that go on: followed where all bytes are
-- with TikTok, else scheduled; one whose time passed more than $2 minutes ago waits for a new one
WITH waiting AS (
	SELECT id, coalesce(late_from, due_at) AS due_at, reason_code, reason_message,
	       CASE WHEN sent_at IS NOT NULL AND publish_id IS NOT NULL
	                 AND EXISTS (SELECT FROM attempt t WHERE t.post_id = post.id AND t.closed_at IS NULL)
	            THEN 'processing'
	            WHEN due_at > now() - make_interval(mins => $2::int) THEN 'scheduled'
	            ELSE 'held' END AS next_state
	  FROM post
	 WHERE account_id = $1::bigint AND state = 'held' AND remedy_code = 'reconnect'
	   FOR UPDATE),
moved AS (
	UPDATE post
	   SET state = w.next_state,
	       reason_code = CASE WHEN w.next_state = 'held' THEN w.reason_code END,
	       reason_message = CASE WHEN w.next_state = 'held' THEN w.reason_message END,
	       remedy_code = CASE WHEN w.next_state = 'held' THEN 'reschedule' END,
	       remedy_message = CASE WHEN w.next_state = 'held'
	                        THEN 'The account is connected again, but the time of this post has passed: choose a new one.' END,
	       next_attempt_at = greatest(w.due_at, now()),
	       next_check_at = CASE WHEN w.next_state = 'processing' THEN now() END,
	       prepared_at = NULL, preflight_at = CASE WHEN w.next_state = 'scheduled' THEN now() END,
	       fence = nextval('post_fence'), lease_until = NULL, updated_at = now()
	  FROM waiting w
	 WHERE post.id = w.id AND post.state = 'held'
	RETURNING post.id, post.state, post.reason_code, post.remedy_message),
noted AS (
	INSERT INTO post_event (post_id, kind, name, from_state, code, message)
	SELECT id, CASE WHEN state = 'held' THEN 'note' ELSE 'state' END, state, 'held', reason_code,
	       coalesce(remedy_message, 'The TikTok account was connected again.')
	  FROM moved)
SELECT count(*) FILTER (WHERE state <> 'held') AS resumed,
       count(*) FILTER (WHERE state = 'held') AS late
  FROM moved
