-- post_create: a new post with its first timeline row and the key it was created with.
-- $1 user, $2 account, $3 video, $4 mode, $5 state, $6 due_at, $7 time zone, $8 caption, $9 privacy level,
-- $10-$12 allow comment, duet, stitch, $13 your brand, $14 branded content, $15 AI, $16 cover,
-- $17 record of consent (NULL: none), $18 key hash (NULL: none), $19 body hash
WITH owned AS (
	SELECT a.id AS account_id, v.id AS video_id
	  FROM account a, video v
	 WHERE a.id = $2::bigint AND a.user_id = $1::bigint
	   AND v.id = $3::bigint AND v.user_id = $1::bigint AND v.deleted_at IS NULL
	   AND ($5 <> 'scheduled' OR (a.state = 'connected' AND v.state = 'ready'))
	   FOR SHARE),
created AS (
	INSERT INTO post (user_id, account_id, video_id, mode, state, due_at, next_attempt_at, preflight_at, time_zone, caption,
	                  privacy_level, allow_comment, allow_duet, allow_stitch, your_brand, branded_content, is_aigc,
	                  cover_ms, consent_at, consent)
	SELECT $1::bigint, account_id, video_id, $4, $5, $6::timestamptz, $6::timestamptz,
	       -- what would fail at its time is looked for at once
	       CASE WHEN $5 = 'scheduled' THEN now() END, $7, $8,
	       $9, $10::boolean, $11::boolean, $12::boolean, $13::boolean, $14::boolean, $15::boolean,
	       $16::bigint, CASE WHEN $17::jsonb IS NOT NULL THEN now() END,
	       $17::jsonb || jsonb_build_object('at', now())
	  FROM owned
	RETURNING id, user_id, account_id, state),
noted AS (
	INSERT INTO post_event (post_id, kind, name)
	SELECT id, 'state', state FROM created),
keyed AS (
	INSERT INTO idempotency_key (user_id, key_hash, body_hash, post_id)
	SELECT user_id, $18::bytea, $19::bytea, id FROM created WHERE $18::bytea IS NOT NULL),
audited AS (
	INSERT INTO audit_event (event, user_id, account_id, post_id)
	SELECT 'post_' || state, user_id, account_id, id FROM created)
SELECT id FROM created
