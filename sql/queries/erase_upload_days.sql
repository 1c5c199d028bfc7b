-- erase_upload_days: counts of uploads of user $1
DELETE FROM upload_day
 WHERE (user_id, day) IN (SELECT user_id, day FROM upload_day WHERE user_id = $1::bigint LIMIT $2::int)
