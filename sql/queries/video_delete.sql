-- video_delete: hide it from its user and hand its files to the janitor, unless a post needs it
WITH deleted AS (
	UPDATE video
	   SET deleted_at = now()
	 WHERE user_id = $1::bigint AND id = $2::bigint AND deleted_at IS NULL
	   AND NOT EXISTS (SELECT FROM post
	                    WHERE post.video_id = video.id AND post.state IN ('scheduled', 'publishing', 'processing'))
	RETURNING id, user_id, file),
removed AS (
	INSERT INTO file_removal (file)
	SELECT 'videos/' || file FROM deleted
	UNION ALL
	SELECT 'frames/' || file || '.jpg' FROM deleted
	UNION ALL
	SELECT 'frames/' || file || '.strip.jpg' FROM deleted
	    ON CONFLICT (file) DO NOTHING),
audited AS (
	INSERT INTO audit_event (event, user_id)
	SELECT 'video_deleted', user_id FROM deleted)
SELECT id FROM deleted
