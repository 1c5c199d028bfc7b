-- user_update: settings that are not NULL
UPDATE app_user
   SET time_zone = coalesce($2, time_zone),
       language = coalesce($3, language)
 WHERE id = $1::bigint
   AND (time_zone, language) IS DISTINCT FROM (coalesce($2, time_zone), coalesce($3, language))
RETURNING id
