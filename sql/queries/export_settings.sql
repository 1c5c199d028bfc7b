-- export_settings: settings of user $1 after position $2, at most $3
SELECT u.id AS position,
       json_build_object(
         'id', u.id::text,
         'created_at', u.created_at,
         'time_zone', u.time_zone,
         'language', u.language,
         'keep_posted_days', u.keep_posted_days) AS item
  FROM app_user u
 WHERE u.id = $1::bigint
   AND u.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
