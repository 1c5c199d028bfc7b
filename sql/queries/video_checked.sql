-- video_checked: checking -> ready or refused, which needs no file unless repairable; no row: gone, or already checked
WITH done AS (
	UPDATE video
	   SET state = $3,
	       reason_code = $4,
	       reason_message = $5,
	       container = $6,
	       codec = $7,
	       audio_codec = $8,
	       width = $9::int,
	       height = $10::int,
	       rotation = $11::int,
	       fps_milli = $12::int,
	       duration_ms = $13::bigint,
	       has_thumbnail = $14::boolean,
       fps_variable = $15::boolean,
       has_location = $16::boolean,
       has_device = $17::boolean,
       strip_frames = $18::int,
       repairable = $19::boolean,
	       check_lease_until = NULL
	 WHERE id = $1::bigint
	   AND state = 'checking'
	   AND check_attempts = $2::int
	   AND deleted_at IS NULL
	RETURNING id, file, state, repairable),
useless AS (
	INSERT INTO file_removal (file)
	SELECT 'videos/' || file
	  FROM done
	 WHERE state = 'refused' AND NOT repairable
	ON CONFLICT DO NOTHING)
SELECT id
  FROM done
