-- erase_videos: some rows of videos of user $1 with their tags; the files are gone by then
DELETE FROM video
 WHERE id IN (SELECT id FROM video WHERE user_id = $1::bigint ORDER BY id LIMIT $2::int)
