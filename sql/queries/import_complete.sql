-- import_complete: at most $1 uploads of imports that have just been done and are no videos yet
SELECT upload_id AS id
  FROM video_import
 WHERE state = 'done'
   AND video_id IS NULL
   AND upload_id IS NOT NULL
   AND ended_at > now() - interval '1 hour'
 LIMIT $1::bigint
