-- user_keep_posted: how many days user $1 wants videos kept after their last post; NULL: as the site does
UPDATE app_user
   SET keep_posted_days = $2::int
 WHERE id = $1::bigint AND keep_posted_days IS DISTINCT FROM $2::int
RETURNING id
