-- user_get: a user's settings
SELECT time_zone, language, coalesce(keep_posted_days, 0) AS keep_posted_days,
       created_at AT TIME ZONE 'UTC' AS created_at,
       to_char(created_at AT TIME ZONE time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || time_zone AS created_at_text
  FROM app_user
 WHERE id = $1::bigint
