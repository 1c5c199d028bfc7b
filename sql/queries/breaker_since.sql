-- breaker_since: since when a host of TikTok's has not answered; NULL: all of them do. Read by user $1
SELECT min(b.opened_at) AT TIME ZONE 'UTC' AS since,
       to_char(min(b.opened_at) AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS since_text
  FROM app_user u
  LEFT JOIN breaker b ON b.opened_at IS NOT NULL
 WHERE u.id = $1::bigint
 GROUP BY u.time_zone
