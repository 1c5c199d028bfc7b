-- export_exports: exports of user $1 after position $2, at most $3
SELECT x.id AS position,
       json_build_object(
         'id', x.id::text,
         'state', x.state,
         'with_videos', x.with_videos,
         'size', x.size,
         'reason_code', x.reason_code,
         'reason_message', x.reason_message,
         'asked_at', x.asked_at,
         'ended_at', x.ended_at,
         'expires_at', x.expires_at,
         'fetched_at', x.fetched_at) AS item
  FROM export_request x
 WHERE x.user_id = $1::bigint
   AND x.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
