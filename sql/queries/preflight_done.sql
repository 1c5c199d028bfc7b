-- preflight_done: post $1 (fence $2) was checked ahead of its time: $3-$6 are what would fail (NULL: nothing). The next
-- check is a day before its time, then an hour before
WITH checked AS (
	UPDATE post
	   SET warning_code = $3, warning_message = $4, warning_remedy_code = $5, warning_remedy_message = $6,
	       preflight_at = CASE WHEN due_at > now() + interval '1441 minutes' THEN due_at - interval '24 hours'
	                           WHEN due_at > now() + interval '61 minutes' THEN due_at - interval '1 hour' END,
	       lease_until = NULL, unrecorded = 0
	 WHERE id = $1::bigint AND fence = $2::bigint AND state = 'scheduled'
	RETURNING id),
noted AS (
	INSERT INTO post_event (post_id, kind, name, code, message)
	SELECT id, 'note', CASE WHEN $3::text IS NULL THEN 'warning_over' ELSE 'warning' END, $3, $4
	  FROM checked
	 WHERE $3::text IS DISTINCT FROM $7::text)
SELECT id FROM checked
