-- export_timelines: what happened to posts of user $1 after position $2, at most $3
SELECT e.id AS position,
       json_build_object(
         'id', e.id::text,
         'post_id', e.post_id::text,
         'at', e.at,
         'kind', e.kind,
         'name', e.name,
         'from_state', e.from_state,
         'code', e.code,
         'message', e.message,
         'http_status', e.http_status,
         'log_id', e.log_id,
         'bytes', e.bytes) AS item
  FROM post_event e JOIN post p ON p.id = e.post_id
 WHERE p.user_id = $1::bigint
   AND e.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
