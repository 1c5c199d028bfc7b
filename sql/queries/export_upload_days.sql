-- export_upload_days: how many uploads were begun on a day of user $1 after position $2, at most $3
SELECT (d.day - DATE '2000-01-01')::bigint AS position,
       json_build_object(
         'day', d.day,
         'uploads', d.uploads) AS item
  FROM upload_day d
 WHERE d.user_id = $1::bigint
   AND (d.day - DATE '2000-01-01')::bigint > $2::bigint
 ORDER BY 1
 LIMIT $3::int
