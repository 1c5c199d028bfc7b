-- queue_move: changes of state, each compare-and-set, with their timeline rows. $1: an array of {id, fence, from_state,
-- to_state, reason_code, reason_message, remedy_code, remedy_message (null: none), next_attempt_s (null: as it was),
-- is_late_from (lateness counts from there), next_check_s (null: no check), preflight_s (null: as it was),
-- is_preflight_over, is_error, is_prepared, close_attempt (the outcome; null: leave it open), leased_s (how long it stays
-- leased though its publisher lets go; null: free at once), log_id}
WITH asked AS (
	SELECT id, fence, from_state, to_state, reason_code, reason_message, remedy_code, remedy_message, next_attempt_s,
	       is_late_from, next_check_s, preflight_s, is_preflight_over, is_error, is_prepared, close_attempt, leased_s,
	       log_id,
	       -- where it stays as it is and nothing new is to be said, the old words stand
	       from_state = to_state AND reason_code IS NULL AS is_silent
	  FROM jsonb_to_recordset($1::jsonb)
	    AS asked (id bigint, fence bigint, from_state text, to_state text, reason_code text, reason_message text,
	              remedy_code text, remedy_message text, next_attempt_s float8, is_late_from boolean,
	              next_check_s float8, preflight_s float8, is_preflight_over boolean, is_error boolean,
	              is_prepared boolean, close_attempt text, leased_s float8, log_id text)),
moved AS (
	UPDATE post
	   SET state = m.to_state,
	       reason_code = CASE WHEN m.is_silent THEN post.reason_code ELSE m.reason_code END,
	       reason_message = CASE WHEN m.is_silent THEN post.reason_message ELSE m.reason_message END,
	       remedy_code = CASE WHEN m.is_silent THEN post.remedy_code ELSE m.remedy_code END,
	       remedy_message = CASE WHEN m.is_silent THEN post.remedy_message ELSE m.remedy_message END,
	       warning_code = CASE WHEN m.to_state = 'scheduled' THEN post.warning_code END,
	       warning_message = CASE WHEN m.to_state = 'scheduled' THEN post.warning_message END,
	       warning_remedy_code = CASE WHEN m.to_state = 'scheduled' THEN post.warning_remedy_code END,
	       warning_remedy_message = CASE WHEN m.to_state = 'scheduled' THEN post.warning_remedy_message END,
	       -- never before the time that its user chose
	       next_attempt_at = CASE WHEN m.next_attempt_s IS NULL THEN post.next_attempt_at
	                              ELSE greatest(now() + make_interval(secs => m.next_attempt_s), post.due_at) END,
	       late_from = CASE WHEN m.is_late_from AND m.next_attempt_s IS NOT NULL
	                        THEN greatest(now() + make_interval(secs => m.next_attempt_s), post.due_at)
	                        ELSE post.late_from END,
	       next_check_at = now() + make_interval(secs => m.next_check_s),
	       preflight_at = coalesce(now() + make_interval(secs => m.preflight_s),
	                               CASE WHEN m.from_state = m.to_state AND NOT m.is_preflight_over
	                                    THEN post.preflight_at END),
	       prepared_at = CASE WHEN m.is_prepared THEN now() WHEN m.from_state <> m.to_state THEN NULL
	                          ELSE post.prepared_at END,
	       errors = CASE WHEN m.from_state = 'held' AND m.to_state = 'scheduled' THEN 0
	                     ELSE post.errors + CASE WHEN m.is_error THEN 1 ELSE 0 END END,
	       -- an interruption is no outcome: a crash loop must show
	       unrecorded = CASE WHEN m.reason_code = 'interrupted' THEN post.unrecorded ELSE 0 END,
	       checks = CASE WHEN m.from_state = m.to_state THEN post.checks + 1 ELSE 0 END,
	       lease_until = now() + make_interval(secs => m.leased_s),
	       sent_at = CASE WHEN m.to_state IN ('processing', 'published', 'delivered') THEN coalesce(post.sent_at, now())
	                      ELSE post.sent_at END,
	       finished_at = CASE WHEN m.to_state NOT IN ('published', 'delivered', 'failed') THEN NULL
	                          WHEN m.from_state <> m.to_state THEN now()
	                          ELSE post.finished_at END,
	       updated_at = CASE WHEN m.is_prepared THEN post.updated_at ELSE now() END
	  FROM asked AS m
	 WHERE post.id = m.id AND post.fence = m.fence AND post.state = m.from_state
	RETURNING post.id, post.account_id, post.mode, m.from_state, m.to_state, m.reason_code, m.reason_message, m.log_id,
	          m.close_attempt),
closed AS (
	UPDATE attempt
	   SET closed_at = now(), outcome = moved.close_attempt
	  FROM moved
	 WHERE attempt.post_id = moved.id AND attempt.closed_at IS NULL AND moved.close_attempt IS NOT NULL),
noted AS (
	INSERT INTO post_event (post_id, kind, name, from_state, code, message, log_id)
	SELECT id, CASE WHEN from_state = to_state THEN 'note' ELSE 'state' END, to_state, from_state, reason_code,
	       reason_message, log_id
	  FROM moved
	 WHERE from_state <> to_state OR reason_code IS NOT NULL)
SELECT id FROM moved
