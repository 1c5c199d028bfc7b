-- retention_posted_lock: hold videos that may have gone out for the last time long ago: $1 days, or fewer where their
-- user wants that; 0: only where their user wants it
SELECT v.id
  FROM video v
  JOIN app_user u ON u.id = v.user_id
 WHERE v.deleted_at IS NULL
   AND ($1::int > 0 OR u.keep_posted_days IS NOT NULL)
   AND EXISTS (SELECT FROM post p WHERE p.video_id = v.id AND p.state IN ('published', 'delivered'))
   AND NOT EXISTS (SELECT FROM post p
                    WHERE p.video_id = v.id
                      AND (p.state NOT IN ('published', 'delivered', 'failed', 'cancelled')
                           OR coalesce(p.finished_at, p.updated_at)
                              > now() - make_interval(days => least(nullif($1::int, 0), u.keep_posted_days))))
 ORDER BY v.id
 LIMIT $2::int
   FOR UPDATE OF v SKIP LOCKED
