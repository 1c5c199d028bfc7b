-- retention_posted_lock: hold videos that may have gone out for the last time $1 days ago
SELECT v.id
  FROM video v
 WHERE v.deleted_at IS NULL
   AND EXISTS (SELECT FROM post p WHERE p.video_id = v.id AND p.state IN ('published', 'delivered'))
   AND NOT EXISTS (SELECT FROM post p
                    WHERE p.video_id = v.id
                      AND (p.state NOT IN ('published', 'delivered', 'failed', 'cancelled')
                           OR coalesce(p.finished_at, p.updated_at) > now() - make_interval(days => $1::int)))
 ORDER BY v.id
 LIMIT $2::int
   FOR UPDATE OF v SKIP LOCKED
