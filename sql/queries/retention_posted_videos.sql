-- retention_posted_videos: of the held videos $2, those that no post has been made of since; their files are queued
WITH gone AS (
	UPDATE video
	   SET deleted_at = now()
	 WHERE id = ANY ($2::bigint[])
	   AND NOT EXISTS (SELECT FROM post p
	                    WHERE p.video_id = video.id
	                      AND (p.state NOT IN ('published', 'delivered', 'failed', 'cancelled')
	                           OR coalesce(p.finished_at, p.updated_at) > now() - make_interval(days => $1::int)))
	RETURNING file),
queued AS (
	INSERT INTO file_removal (file)
	SELECT 'videos/' || file FROM gone
	 UNION ALL
	SELECT 'frames/' || file || '.jpg' FROM gone
	 UNION ALL
	SELECT 'frames/' || file || '.strip.jpg' FROM gone
	    ON CONFLICT (file) DO NOTHING)
SELECT file FROM gone
