-- drop_open: at most $3 dropped files of user $1 that have not become videos, after id $2
SELECT id, address, state, file_size, (extract(epoch FROM file_changed_at) * 1000000)::bigint AS changed_us,
       upload_id, video_id, state = 'failed' AND next_attempt_at <= now() AS is_due,
       state = 'done'
       AND NOT EXISTS (SELECT FROM video WHERE video.id = video_import.video_id AND deleted_at IS NULL)
       AND NOT EXISTS (SELECT FROM upload WHERE upload.id = upload_id AND upload.finished_at IS NULL) AS is_lost
  FROM video_import
 WHERE user_id = $1::bigint AND source = 'drop' AND state <> 'done' AND id > $2::bigint
 ORDER BY id
 LIMIT $3::bigint
