-- retention_refused_videos: refused videos whose repair nobody asked for or decided on in $1 hours lose their files
WITH old AS (
	SELECT v.id
	  FROM video v
	 WHERE v.repairable
	   AND v.state = 'refused'
	   AND v.deleted_at IS NULL
	   AND v.created_at < now() - make_interval(hours => $1::int)
	   AND NOT EXISTS (SELECT FROM video_repair r
	                    WHERE r.video_id = v.id
	                      AND (r.state IN ('waiting', 'running')
	                           OR r.ended_at > now() - make_interval(hours => $1::int)))
	 ORDER BY v.id
	 LIMIT $2::int
	   FOR UPDATE SKIP LOCKED),
useless AS (
	UPDATE video
	   SET repairable = false
	  FROM old
	 WHERE video.id = old.id
	RETURNING video.file),
queued AS (
	INSERT INTO file_removal (file)
	SELECT 'videos/' || file
	  FROM useless
	    ON CONFLICT (file) DO NOTHING)
SELECT file
  FROM useless
