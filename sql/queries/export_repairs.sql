-- export_repairs: repairs of videos of user $1 after position $2, at most $3
SELECT r.id AS position,
       json_build_object(
         'id', r.id::text,
         'video_id', r.video_id::text,
         'result_id', r.result_id::text,
         'state', r.state,
         'percent', r.percent,
         'reason_code', r.reason_code,
         'reason_message', r.reason_message,
         'asked_at', r.asked_at,
         'ended_at', r.ended_at) AS item
  FROM video_repair r JOIN video v ON v.id = r.video_id
 WHERE v.user_id = $1::bigint
   AND r.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
