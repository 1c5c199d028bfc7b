-- export_uploads: uploads of user $1 that are known still, after position $2, at most $3
SELECT u.position,
       json_build_object(
         'name', u.name,
         'length', u.length,
         'kind', u.kind,
         'source', u.source,
         'created_at', u.created_at,
         'expires_at', u.expires_at,
         'finished_at', u.finished_at,
         'video_id', u.video_id::text) AS item
  FROM (SELECT row_number() OVER (ORDER BY created_at, id) AS position,
               name, length, kind, source, created_at, expires_at, finished_at, video_id
          FROM upload
         WHERE user_id = $1::bigint) u
 WHERE u.position > $2::bigint
 ORDER BY 1
 LIMIT $3::int
