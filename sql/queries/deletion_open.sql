-- deletion_open: the request and its steps; the first two are done with this transaction
WITH opened AS (
	INSERT INTO deletion_request (receipt_hash, user_id)
	VALUES ($1::bytea, $2::bigint)
	RETURNING id)
INSERT INTO deletion_step (request_id, step, position, done_at)
SELECT opened.id, s.step, s.position, CASE WHEN s.position <= 2 THEN now() END
  FROM opened,
       (VALUES ('posts_cancelled', 1), ('sessions_closed', 2), ('tokens_revoked', 3),
               ('posts_ended', 4), ('files_removed', 5), ('data_erased', 6)) AS s (step, position)
