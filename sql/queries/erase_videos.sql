-- erase_videos: some rows of videos of user $1 with their tags; the files are gone by then, and what was to remove them
WITH gone AS (
	DELETE FROM video
	 WHERE id IN (SELECT id FROM video WHERE user_id = $1::bigint ORDER BY id LIMIT $2::int)
	RETURNING file, size),
queued AS (
	DELETE FROM file_removal
	 WHERE file IN (SELECT unnest(ARRAY['videos/' || file, 'frames/' || file || '.jpg', 'frames/' || file || '.strip.jpg'])
	                  FROM gone))
SELECT file, size AS bytes FROM gone
