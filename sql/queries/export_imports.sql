-- export_imports: videos asked for by address or dropped into a folder of user $1 after position $2, at most $3
SELECT m.id AS position,
       json_build_object(
         'id', m.id::text,
         'video_id', m.video_id::text,
         'source', m.source,
         'address', m.address,
         'name', m.name,
         'state', m.state,
         'received', m.received,
         'total', m.total,
         'reason_code', m.reason_code,
         'reason_message', m.reason_message,
         'asked_at', m.asked_at,
         'ended_at', m.ended_at) AS item
  FROM video_import m
 WHERE m.user_id = $1::bigint
   AND m.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
