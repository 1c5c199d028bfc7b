-- erase_imports: some imports of user $1
DELETE FROM video_import
 WHERE id IN (SELECT id FROM video_import WHERE user_id = $1::bigint ORDER BY id LIMIT $2::int)
