-- export_video_files: files of videos of user $1 that were there at $2, after video $3, at most $4
SELECT id, file, name, container, size, sha256, extract(epoch FROM created_at)::bigint AS created
  FROM video
 WHERE user_id = $1::bigint
   AND deleted_at IS NULL
   AND created_at <= $2::timestamptz
   AND id > $3::bigint
 ORDER BY id
 LIMIT $4::int
