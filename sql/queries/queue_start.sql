-- queue_start: the intent to call init, durable before the call, counted against the limit per minute. $1: an array of
-- {id, fence, from_state, total, chunk_size, chunk_count, pull_hash}, at most one for each account
WITH asked AS (
	SELECT id, fence, from_state, total, chunk_size, chunk_count, pull_hash
	  FROM jsonb_to_recordset($1::jsonb)
	    AS asked (id bigint, fence bigint, from_state text, total bigint, chunk_size bigint, chunk_count bigint,
	              pull_hash text)),
moved AS (
	UPDATE post
	   SET state = 'publishing', publish_id = NULL, sent_at = NULL, told = NULL, reason_code = NULL, reason_message = NULL,
	       remedy_code = NULL, remedy_message = NULL, warning_code = NULL, warning_message = NULL,
	       warning_remedy_code = NULL, warning_remedy_message = NULL, preflight_at = NULL, updated_at = now()
	  FROM asked
	 WHERE post.id = asked.id AND post.fence = asked.fence AND post.state = asked.from_state
	RETURNING post.id, post.fence, post.account_id, post.mode, asked.from_state, asked.total, asked.chunk_size,
	          asked.chunk_count, asked.pull_hash),
noted AS (
	INSERT INTO post_event (post_id, kind, name, from_state)
	SELECT id, 'state', 'publishing', from_state FROM moved WHERE from_state <> 'publishing'),
counted AS (
	INSERT INTO quota (account_id, kind, times)
	SELECT account_id, 'init', ARRAY[clock_timestamp()] FROM moved
	    ON CONFLICT (account_id, kind) DO UPDATE
	   SET times = ARRAY(SELECT t FROM unnest(quota.times) AS t
	                      WHERE t > clock_timestamp() - interval '60 seconds') || clock_timestamp())
INSERT INTO attempt (post_id, fence, account_id, mode, bytes_total, chunk_size, chunk_count, transfer, pull_hash)
SELECT id, fence, account_id, mode, total, chunk_size, chunk_count,
       CASE WHEN pull_hash IS NULL THEN 'file_upload' ELSE 'pull_from_url' END, pull_hash::bytea
  FROM moved
RETURNING id AS attempt_id, post_id AS id
