-- erase_exports: exports of user $1; the archives are gone by then
DELETE FROM export_request
 WHERE id IN (SELECT id FROM export_request WHERE user_id = $1::bigint ORDER BY id LIMIT $2::int)
RETURNING file, coalesce(size, 0) AS bytes
