-- post_timeline: at most $4 events of the user's post $2 behind event $3
SELECT e.id, e.kind, e.name, e.from_state, e.code, e.message, e.http_status, e.log_id, e.bytes, u.language,
       e.at AT TIME ZONE 'UTC' AS at,
       to_char(e.at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI:SS') || ' ' || u.time_zone AS at_text
  FROM post_event e
  JOIN post p ON p.id = e.post_id
  JOIN app_user u ON u.id = p.user_id
 WHERE p.user_id = $1::bigint AND p.id = $2::bigint AND e.id > $3::bigint
 ORDER BY e.id
 LIMIT $4::bigint
