-- queue_move: one change of state, compare-and-set, with its timeline row.
-- $1 id $2 fence $3 from $4 to, $5 reason code $6 message, $7 remedy code $8 message (NULL: none),
-- $9 seconds to the next attempt (NULL: as it was), $10 seconds to the next check (NULL: none),
-- $11 counts as an error, $12 outcome that closes the live attempt (NULL: leave it open),
-- $13 seconds the post stays leased although its publisher lets go (NULL: free at once), $14 TikTok's log id
WITH moved AS (
	UPDATE post
	   SET state = $4,
	       -- where it stays as it is and nothing new is to be said, the old words stand
	       reason_code = CASE WHEN $3 = $4 AND $5::text IS NULL THEN reason_code ELSE $5 END,
	       reason_message = CASE WHEN $3 = $4 AND $5::text IS NULL THEN reason_message ELSE $6 END,
	       remedy_code = CASE WHEN $3 = $4 AND $5::text IS NULL THEN remedy_code ELSE $7 END,
	       remedy_message = CASE WHEN $3 = $4 AND $5::text IS NULL THEN remedy_message ELSE $8 END,
	       next_attempt_at = coalesce(now() + make_interval(secs => $9::float8), next_attempt_at),
	       next_check_at = now() + make_interval(secs => $10::float8),
	       errors = errors + CASE WHEN $11::boolean THEN 1 ELSE 0 END,
	       -- an interruption is no outcome: a crash loop must show
	       unrecorded = CASE WHEN $5 = 'interrupted' THEN unrecorded ELSE 0 END,
	       checks = CASE WHEN $3 = $4 THEN checks + 1 ELSE 0 END,
	       lease_until = now() + make_interval(secs => $13::float8),
	       sent_at = CASE WHEN $4 IN ('processing', 'published', 'delivered') THEN coalesce(sent_at, now()) ELSE sent_at END,
	       finished_at = CASE WHEN $4 IN ('published', 'delivered', 'failed') AND $3 <> $4 THEN now()
	                          WHEN $4 IN ('published', 'delivered', 'failed') THEN finished_at END,
	       updated_at = now()
	 WHERE id = $1::bigint AND fence = $2::bigint AND state = $3
	RETURNING id),
closed AS (
	UPDATE attempt
	   SET closed_at = now(), outcome = $12
	  FROM moved
	 WHERE attempt.post_id = moved.id AND attempt.closed_at IS NULL AND $12::text IS NOT NULL),
noted AS (
	INSERT INTO post_event (post_id, kind, name, from_state, code, message, log_id)
	SELECT id, CASE WHEN $3 = $4 THEN 'note' ELSE 'state' END, $4, $3, $5, $6, $14
	  FROM moved
	 WHERE $3 <> $4 OR $5::text IS NOT NULL)
SELECT id FROM moved
