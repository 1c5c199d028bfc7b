-- import_strays: at most $1 unfinished uploads of downloads that were cancelled or have failed
SELECT u.id
  FROM upload u
 WHERE u.source = 'url'
   AND u.finished_at IS NULL
   AND NOT EXISTS (SELECT FROM video_import i WHERE i.upload_id = u.id)
 LIMIT $1::bigint
