-- deletion_preview: what erasing user $1 would remove, and whether that is asked for
SELECT (SELECT count(*) FROM account WHERE user_id = $1::bigint AND state <> 'disconnected') AS accounts,
       (SELECT count(*) FROM post WHERE user_id = $1::bigint AND state IN ('draft', 'scheduled', 'held')) AS posts_waiting,
       (SELECT count(*) FROM post WHERE user_id = $1::bigint AND state IN ('publishing', 'processing')) AS posts_under_way,
       (SELECT count(*) FROM post WHERE user_id = $1::bigint
           AND state IN ('published', 'delivered', 'failed', 'cancelled')) AS posts_past,
       (SELECT count(*) FROM video WHERE user_id = $1::bigint AND deleted_at IS NULL) AS videos,
       EXISTS (SELECT FROM deletion_request WHERE user_id = $1::bigint AND state = 'waiting') AS waiting,
       (SELECT to_char(grace_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' FROM deletion_request
         WHERE user_id = $1::bigint AND state = 'grace') AS grace_until_text
