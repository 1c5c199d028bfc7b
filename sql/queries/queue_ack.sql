-- queue_ack: TikTok has these bytes of the attempts. $1: an array of {id, fence, attempt_id, bytes, final}; final: the last
-- chunk is next, so that the post may become public (I3); not for a user who has asked for erasure
WITH asked AS (
	SELECT id, fence, attempt_id, bytes, final
	  FROM jsonb_to_recordset($1::jsonb)
	    AS asked (id bigint, fence bigint, attempt_id bigint, bytes bigint, final boolean)),
mine AS (
	SELECT post.id, asked.attempt_id, asked.bytes, asked.final,
	       EXISTS (SELECT FROM deletion_request d WHERE d.user_id = post.user_id AND d.state = 'waiting') AS is_leaving
	  FROM asked
	  JOIN post ON post.id = asked.id AND post.fence = asked.fence AND post.state = 'publishing')
UPDATE attempt
   SET bytes_acked = greatest(attempt.bytes_acked, mine.bytes),
       final_intent_at = CASE WHEN attempt.final_intent_at IS NULL AND mine.final AND NOT mine.is_leaving THEN now()
	                      ELSE attempt.final_intent_at END
  FROM mine
 WHERE attempt.id = mine.attempt_id AND attempt.post_id = mine.id AND attempt.closed_at IS NULL
RETURNING mine.id, attempt.final_intent_at IS NOT NULL AND NOT mine.is_leaving AS is_final
