-- post_overview: ids for the user's home page, by section and in its order
WITH attention AS (
	SELECT id, row_number() OVER (ORDER BY updated_at DESC, id DESC) AS position
	  FROM post
	 WHERE user_id = $1::bigint
	   AND (state = 'held' OR (state = 'failed' AND finished_at > now() - interval '7 days'))
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
	 ORDER BY position
	 LIMIT 6)
SELECT section, id
  FROM (SELECT 'attention' AS section, position, id FROM attention
        UNION ALL
        SELECT 'upcoming', position, id FROM upcoming
        UNION ALL
        SELECT 'recent', position, id FROM recent) AS chosen
 ORDER BY section, position
