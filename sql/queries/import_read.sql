-- import_read: the user's imports, newest first: with id $2, with an id below $3, at most $4
SELECT i.id, i.source, i.address, i.name, i.state, i.received, i.total, i.reason_code, i.reason_message,
       v.id AS video_id, v.state AS video_state,
       i.asked_at AT TIME ZONE 'UTC' AS asked_at,
       i.ended_at AT TIME ZONE 'UTC' AS ended_at,
       to_char(i.asked_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS asked_at_text,
       to_char(i.ended_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS ended_at_text
  FROM video_import i
  JOIN app_user u ON u.id = i.user_id
  LEFT JOIN video v ON v.id = i.video_id AND v.deleted_at IS NULL
 WHERE i.user_id = $1::bigint
   AND ($2::bigint IS NULL OR i.id = $2::bigint)
   AND ($3::bigint IS NULL OR i.id < $3::bigint)
 ORDER BY i.id DESC
 LIMIT $4::bigint
