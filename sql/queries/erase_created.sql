-- erase_created: since when user $1 is there, in microseconds; with the number it names one user, in backups too
SELECT (extract(epoch FROM created_at) * 1000000)::bigint AS created_us
  FROM app_user
 WHERE id = $1::bigint
