-- post_edit: the user's change, compare-and-set on state and fence, with its timeline row.
-- $1 user, $2 post, $3 state it was in, $4 its fence, $5 account, $6 video, $7 mode, $8 state, $9 due_at, $10 time zone,
-- $11 caption, $12 privacy level, $13-$15 allow comment, duet, stitch, $16 your brand, $17 branded content, $18 AI,
-- $19 cover, $20 record of consent (NULL: the old one), $21 reason and next attempt stay,
-- $22 the last try is given up for another, $23 what was changed
WITH owned AS (
	SELECT a.id AS account_id, v.id AS video_id
	  FROM account a, video v
	 WHERE a.id = $5::bigint AND a.user_id = $1::bigint
	   AND v.id = $6::bigint AND v.user_id = $1::bigint AND v.deleted_at IS NULL
	   AND ($8 <> 'scheduled' OR (a.state = 'connected' AND v.state = 'ready'))
	   FOR SHARE),
changed AS (
	UPDATE post
	   SET account_id = owned.account_id, video_id = owned.video_id, mode = $7, state = $8,
	       due_at = $9::timestamptz, time_zone = $10, caption = $11, privacy_level = $12,
	       allow_comment = $13::boolean, allow_duet = $14::boolean, allow_stitch = $15::boolean,
	       your_brand = $16::boolean, branded_content = $17::boolean, is_aigc = $18::boolean, cover_ms = $19::bigint,
	       consent_at = CASE WHEN $8 = 'draft' THEN NULL WHEN $20::jsonb IS NOT NULL THEN now() ELSE consent_at END,
	       consent = CASE WHEN $8 = 'draft' THEN NULL
	                      WHEN $20::jsonb IS NOT NULL THEN $20::jsonb || jsonb_build_object('at', now())
	                      ELSE consent END,
	       reason_code = CASE WHEN $21::boolean THEN reason_code END,
	       reason_message = CASE WHEN $21::boolean THEN reason_message END,
	       remedy_code = CASE WHEN $21::boolean THEN remedy_code END,
	       remedy_message = CASE WHEN $21::boolean THEN remedy_message END,
	       next_attempt_at = CASE WHEN $21::boolean THEN next_attempt_at ELSE $9::timestamptz END,
	       late_from = CASE WHEN $21::boolean THEN late_from END,
	       prepared_at = NULL, preflight_at = CASE WHEN $8 = 'scheduled' THEN now() END,
	       warning_code = CASE WHEN $8 = 'scheduled' THEN warning_code END,
	       warning_message = CASE WHEN $8 = 'scheduled' THEN warning_message END,
	       warning_remedy_code = CASE WHEN $8 = 'scheduled' THEN warning_remedy_code END,
	       warning_remedy_message = CASE WHEN $8 = 'scheduled' THEN warning_remedy_message END,
	       errors = CASE WHEN $21::boolean THEN errors ELSE 0 END,
	       unrecorded = CASE WHEN $21::boolean THEN unrecorded ELSE 0 END,
	       publish_id = CASE WHEN $22::boolean THEN NULL ELSE publish_id END,
	       next_check_at = CASE WHEN $22::boolean THEN NULL ELSE next_check_at END,
	       fence = nextval('post_fence'), lease_until = NULL, updated_at = now()
	  FROM owned
	 WHERE post.id = $2::bigint AND post.user_id = $1::bigint AND post.state = $3 AND post.fence = $4::bigint
	   AND post.state IN ('draft', 'scheduled', 'held')
	RETURNING post.id, post.user_id, post.account_id, post.state),
given_up AS (
	UPDATE attempt
	   SET closed_at = now(), outcome = 'given_up_by_user'
	  FROM changed
	 WHERE attempt.post_id = changed.id AND attempt.closed_at IS NULL AND $22::boolean),
noted AS (
	INSERT INTO post_event (post_id, kind, name, from_state, code, message)
	SELECT id, CASE WHEN state = $3 THEN 'note' ELSE 'state' END, CASE WHEN state = $3 THEN 'changed' ELSE state END,
	       CASE WHEN state = $3 THEN NULL ELSE $3 END, CASE WHEN $22::boolean THEN 'post_again' END, $23
	  FROM changed),
audited AS (
	INSERT INTO audit_event (event, user_id, account_id, post_id)
	SELECT 'post_' || state, user_id, account_id, id FROM changed WHERE state <> $3)
SELECT id FROM changed
