-- retention_posted_videos: of the held videos $2, those that no post has been made of since; their files are queued
WITH gone AS (
	UPDATE video
	   SET deleted_at = now()
	  FROM app_user u
	 WHERE video.id = ANY ($2::bigint[])
	   AND u.id = video.user_id
	   AND ($1::int > 0 OR u.keep_posted_days IS NOT NULL)
	   AND NOT EXISTS (SELECT FROM post p
	                    WHERE p.video_id = video.id
	                      AND (p.state NOT IN ('published', 'delivered', 'failed', 'cancelled')
	                           OR coalesce(p.finished_at, p.updated_at)
	                              > now() - make_interval(days => least(nullif($1::int, 0), u.keep_posted_days))))
	RETURNING video.file),
queued AS (
	INSERT INTO file_removal (file)
	SELECT 'videos/' || file FROM gone
	 UNION ALL
	SELECT 'frames/' || file || '.jpg' FROM gone
	 UNION ALL
	SELECT 'frames/' || file || '.strip.jpg' FROM gone
	    ON CONFLICT (file) DO NOTHING)
SELECT file FROM gone
