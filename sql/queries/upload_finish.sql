-- upload_finish: a whole file becomes a video to be checked, once; asked again, it says which one; its length is $3
WITH mine AS (
	SELECT id, user_id, name, video_id
	  FROM upload
	 WHERE id = $1
	   FOR UPDATE),
made AS (
	INSERT INTO video (user_id, file, name, size)
	SELECT user_id, id, name, $3::bigint
	  FROM mine
	 WHERE video_id IS NULL
	RETURNING id),
noted AS (
	UPDATE upload
	   SET finished_at = now(),
	       video_id = made.id,
	       length = $3::bigint,
	       expires_at = now() + make_interval(secs => $2::double precision)
	  FROM made
	 WHERE upload.id = $1
	RETURNING upload.video_id),
told AS (
	UPDATE video_import
	   SET video_id = made.id
	  FROM made
	 WHERE video_import.upload_id = $1)
SELECT coalesce(noted.video_id, mine.video_id) AS video_id
  FROM mine
  LEFT JOIN noted ON true
