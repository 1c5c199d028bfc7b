-- quota_look: may these posts ($1 ids) begin now? Per account $2 posts in transfer, $3 inits a minute, $4 direct posts and
-- $5 pending drafts a day; $6 active creators a day in the whole app (0: not known). Limits that say no name the moment
-- that they say yes; the latest counts. Runs under quota_lock, so that the counts stand until commit
WITH asked AS (
	SELECT post.id, post.account_id, post.mode, post.reason_code,
	       (SELECT count(*) FROM post other
	         WHERE other.account_id = post.account_id AND other.state = 'publishing' AND other.id <> post.id) AS in_transfer,
	       EXISTS (SELECT FROM attempt
	                WHERE attempt.account_id = post.account_id AND attempt.mode = 'direct'
	                  AND attempt.intent_at > now() - interval '24 hours') AS is_active
	  FROM post
	 WHERE post.id = ANY ($1::bigint[])),
active AS (
	SELECT account_id, max(intent_at) AS last_at
	  FROM attempt
	 WHERE $6::bigint > 0 AND mode = 'direct' AND intent_at > now() - interval '24 hours'
	 GROUP BY account_id)
SELECT asked.id, asked.account_id, asked.in_transfer >= $2::bigint AS is_busy, stop.code,
       greatest(1, ceil(extract(epoch FROM stop.until - clock_timestamp())))::bigint AS seconds
  FROM asked
  LEFT JOIN LATERAL (
	SELECT code, until
	  FROM (SELECT 'rate_limit' AS code,
	               (SELECT t FROM quota, unnest(quota.times) AS t
	                 WHERE quota.account_id = asked.account_id AND quota.kind = 'init'
	                 ORDER BY t DESC OFFSET $3::bigint - 1 LIMIT 1) + interval '60 seconds' AS until
	        UNION ALL
	        SELECT 'daily_post_limit',
	               (SELECT t.intent_at FROM attempt t
	                 WHERE asked.mode = 'direct' AND t.account_id = asked.account_id AND t.mode = 'direct'
	                   AND t.intent_at > now() - interval '24 hours'
	                   AND (t.outcome IS NULL OR t.outcome NOT IN ('refused', 'failed'))
	                 ORDER BY t.intent_at DESC OFFSET $4::bigint - 1 LIMIT 1) + interval '24 hours'
	        UNION ALL
	        -- the creator may finish a draft at any time: it is looked again each hour
	        SELECT 'pending_draft_limit',
	               (SELECT least(t.intent_at + interval '24 hours', now() + interval '1 hour')
	                  FROM attempt t JOIN post p ON p.id = t.post_id
	                 WHERE asked.mode = 'draft' AND t.account_id = asked.account_id AND t.mode = 'draft'
	                   AND t.intent_at > now() - interval '24 hours' AND p.state <> 'published'
	                   AND (t.outcome IS NULL OR t.outcome NOT IN ('refused', 'failed'))
	                 ORDER BY t.intent_at DESC OFFSET $5::bigint - 1 LIMIT 1)
	        UNION ALL
	        SELECT 'active_creator_limit', (SELECT min(last_at) FROM active) + interval '24 hours'
	         WHERE asked.mode = 'direct' AND NOT asked.is_active AND (SELECT count(*) FROM active) >= $6::bigint
	        UNION ALL
	        -- a post that was put off for this very reason and whose time has come tries for the others
	        SELECT quota.blocked_code, quota.blocked_until
	          FROM quota
	         WHERE quota.blocked_code IS DISTINCT FROM asked.reason_code
	           AND ((quota.account_id = asked.account_id
	                AND (quota.kind IN ('init', asked.mode) OR quota.kind = 'active' AND asked.mode = 'direct'))
	            OR (quota.account_id IS NULL AND quota.kind = 'active' AND asked.mode = 'direct' AND NOT asked.is_active))
	       ) AS limits
	 WHERE until > clock_timestamp()
	 ORDER BY until DESC
	 LIMIT 1) AS stop ON true
