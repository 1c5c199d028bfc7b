-- deletion_open: a request for user $2 with receipt $1 and its steps; $4 days, where that is not 0, to take it back
WITH opened AS (
	INSERT INTO deletion_request (receipt_hash, user_id, origin, state, grace_until, reason_code)
	SELECT $1::bytea, id, $3, CASE WHEN $4::int > 0 THEN 'grace' ELSE 'waiting' END,
	       CASE WHEN $4::int > 0 THEN now() + make_interval(days => $4::int) END, $5
	  FROM app_user
	 WHERE id = $2::bigint
	RETURNING id),
steps AS (
	INSERT INTO deletion_step (request_id, step, position)
	SELECT opened.id, s.step, s.position
	  FROM opened,
	       (VALUES ('posts_cancelled', 1), ('sessions_closed', 2), ('tokens_revoked', 3), ('posts_ended', 4),
	               ('files_removed', 5), ('data_erased', 6), ('checked', 7)) AS s (step, position))
SELECT id FROM opened
