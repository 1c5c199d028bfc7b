-- queue_open: publish_id and sealed upload address, durable before the first byte (the rule of design 5). $1: an array of
-- {id, fence, attempt_id, publish_id, upload_url_sealed, final}; final: the next byte sent, or given out, may be the last,
-- so the intent is written too (I3), but not for a user who has asked for erasure
WITH asked AS (
	SELECT id, fence, attempt_id, publish_id, upload_url_sealed, final
	  FROM jsonb_to_recordset($1::jsonb)
	    AS asked (id bigint, fence bigint, attempt_id bigint, publish_id text, upload_url_sealed text, final boolean)),
mine AS (
	UPDATE post
	   SET publish_id = asked.publish_id, updated_at = now()
	  FROM asked
	 WHERE post.id = asked.id AND post.fence = asked.fence AND post.state = 'publishing'
	RETURNING post.id, post.account_id, post.mode, asked.attempt_id, asked.publish_id, asked.upload_url_sealed,
	          asked.final AND NOT EXISTS (SELECT FROM deletion_request d
	                                       WHERE d.user_id = post.user_id AND d.state = 'waiting') AS final),
lifted AS (
	-- what a refusal has taught about this account is over
	UPDATE quota
	   SET blocked_until = '-infinity', blocked_code = NULL
	  FROM mine
	 WHERE quota.account_id = mine.account_id AND quota.kind IN ('init', mine.mode) AND quota.blocked_until > now())
UPDATE attempt
   SET publish_id = mine.publish_id, publish_id_at = now(), upload_url_sealed = mine.upload_url_sealed::bytea,
       final_intent_at = CASE WHEN mine.final THEN now() END
  FROM mine
 WHERE attempt.id = mine.attempt_id AND attempt.post_id = mine.id
   AND attempt.publish_id IS NULL AND attempt.closed_at IS NULL
RETURNING mine.id, mine.final AS is_final
