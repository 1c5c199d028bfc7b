-- erase_stop_videos: nobody begins to check, repair, import or show videos of user $1 any more
WITH repairs AS (
	DELETE FROM video_repair
	 USING video
	 WHERE video.id = video_repair.video_id AND video.user_id = $1::bigint
	   AND video_repair.state IN ('waiting', 'running')
	   -- one that names a file is found by it later
	   AND video_repair.file IS NULL),
exports AS (
	DELETE FROM export_request
	 WHERE user_id = $1::bigint AND state IN ('waiting', 'running') AND file IS NULL)
UPDATE video
   SET deleted_at = now()
 WHERE user_id = $1::bigint AND deleted_at IS NULL
