-- post_cancel: the user does not want it any more; one that may be public keeps saying so
WITH found AS (
	SELECT p.id, p.state,
	       p.state = 'held' AND (p.reason_code = 'outcome_unknown' OR t.final_intent_at IS NOT NULL) AS may_be_public
	  FROM post p
	  LEFT JOIN attempt t ON t.post_id = p.id AND t.closed_at IS NULL
	 WHERE p.user_id = $1::bigint AND p.id = $2::bigint AND p.state IN ('draft', 'scheduled', 'held')
	   FOR UPDATE OF p),
cancelled AS (
	UPDATE post
	   SET state = 'cancelled',
	       reason_code = CASE WHEN may_be_public THEN 'may_be_public' END,
	       reason_message = CASE WHEN may_be_public THEN 'Cancelled while its outcome was unknown: it may be public on TikTok.' END,
	       remedy_code = CASE WHEN may_be_public THEN 'look_on_tiktok' END,
	       remedy_message = CASE WHEN may_be_public THEN 'Look at your profile on TikTok, and delete it there if you do not want it.' END,
	       next_attempt_at = NULL, next_check_at = NULL, preflight_at = NULL, warning_code = NULL,
	       warning_message = NULL, warning_remedy_code = NULL, warning_remedy_message = NULL, finished_at = now(),
	       fence = nextval('post_fence'), lease_until = NULL, updated_at = now()
	  FROM found
	 WHERE post.id = found.id
	RETURNING post.id, post.user_id, post.account_id, found.state AS from_state, post.reason_code, post.reason_message),
closed AS (
	UPDATE attempt
	   SET closed_at = now(), outcome = 'cancelled'
	  FROM cancelled
	 WHERE attempt.post_id = cancelled.id AND attempt.closed_at IS NULL),
noted AS (
	INSERT INTO post_event (post_id, kind, name, from_state, code, message)
	SELECT id, 'state', 'cancelled', from_state, reason_code, reason_message FROM cancelled),
audited AS (
	INSERT INTO audit_event (event, user_id, account_id, post_id)
	SELECT 'post_cancelled', user_id, account_id, id FROM cancelled)
SELECT id FROM cancelled
