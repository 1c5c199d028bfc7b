-- retention_deleted_videos: rows of videos deleted $1 hours ago that no post names
DELETE FROM video
 WHERE id IN (SELECT v.id
                FROM video v
               WHERE v.deleted_at < now() - make_interval(hours => $1::int)
                 AND NOT EXISTS (SELECT FROM post p WHERE p.video_id = v.id)
               LIMIT $2::int)
