-- export_read: the user's exports, newest first: with id $2, with an id below $3, at most $4
SELECT e.id,
       CASE WHEN e.state = 'ready' AND e.expires_at <= now() THEN 'expired' ELSE e.state END AS state,
       e.with_videos, e.percent, e.file, e.size, e.reason_code, e.reason_message,
       e.asked_at AT TIME ZONE 'UTC' AS asked_at,
       e.ended_at AT TIME ZONE 'UTC' AS ended_at,
       e.expires_at AT TIME ZONE 'UTC' AS expires_at,
       to_char(e.asked_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS asked_at_text,
       to_char(e.ended_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS ended_at_text,
       to_char(e.expires_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS expires_at_text
  FROM export_request e
  JOIN app_user u ON u.id = e.user_id
 WHERE e.user_id = $1::bigint
   AND ($2::bigint IS NULL OR e.id = $2::bigint)
   AND ($3::bigint IS NULL OR e.id < $3::bigint)
 ORDER BY e.id DESC
 LIMIT $4::bigint
