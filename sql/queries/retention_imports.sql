-- retention_imports: downloads and dropped files that ended long ago
DELETE FROM video_import
 WHERE id IN (SELECT id FROM video_import
               WHERE ended_at < now() - make_interval(hours => $1::int)
                 AND state IN ('done', 'failed')
               LIMIT $2::int)
