-- post_overview: ids for the user's home page, by section and in its order. Somebody is needed by what is held, has
-- failed of late, waits as a draft in TikTok's inbox, or would go wrong at its time; total: so many posts
WITH attention AS (
	SELECT id, row_number() OVER (ORDER BY updated_at DESC, id DESC) AS position, count(*) OVER () AS total
	  FROM post
	 WHERE user_id = $1::bigint
	   AND (state = 'held'
	        OR (state = 'failed' AND finished_at > now() - interval '7 days')
	        OR (state = 'delivered' AND finished_at > now() - interval '3 days')
	        OR (state = 'scheduled' AND warning_code IS NOT NULL))
	 ORDER BY position
	 LIMIT 10),
upcoming AS (
	SELECT id, row_number() OVER (ORDER BY due_at, id) AS position
	  FROM post
	 WHERE user_id = $1::bigint AND state IN ('scheduled', 'publishing')
	 ORDER BY position
	 LIMIT 6),
recent AS (
	SELECT id, row_number() OVER (ORDER BY coalesce(finished_at, sent_at, updated_at) DESC, id DESC) AS position
	  FROM post
	 WHERE user_id = $1::bigint AND state IN ('processing', 'published', 'delivered')
	   AND id NOT IN (SELECT id FROM attention)
	 ORDER BY position
	 LIMIT 6)
SELECT section, id, total
  FROM (SELECT 'attention' AS section, position, id, total FROM attention
        UNION ALL
        SELECT 'upcoming', position, id, 0 FROM upcoming
        UNION ALL
        SELECT 'recent', position, id, 0 FROM recent) AS chosen
 ORDER BY section, position
