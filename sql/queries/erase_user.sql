-- erase_user: user $1, at most $2 of that number
DELETE FROM app_user
 WHERE id IN (SELECT id FROM app_user WHERE id = $1::bigint LIMIT $2::int)
