-- erase_uploads: some uploads of user $1; the files are gone by then
DELETE FROM upload
 WHERE id IN (SELECT id FROM upload WHERE user_id = $1::bigint LIMIT $2::int)
RETURNING id AS file, 0 AS bytes
