-- repair_done: the result of attempt $2, $3 bytes, becomes a video to be checked, once; no row: not wanted any more
WITH mine AS (
	SELECT r.id, r.file, v.id AS original, v.user_id, v.name
	  FROM video_repair r
	  JOIN video v ON v.id = r.video_id
	 WHERE r.id = $1::bigint
	   AND r.attempts = $2::int
	   AND r.state = 'running'
	   AND v.deleted_at IS NULL
	   FOR UPDATE OF r),
made AS (
	INSERT INTO video (user_id, file, name, size, repair_of)
	SELECT user_id, file, name, $3::bigint, original
	  FROM mine
	RETURNING id),
done AS (
	UPDATE video_repair
	   SET state = 'done',
	       percent = 100,
	       result_id = made.id,
	       lease_until = NULL,
	       ended_at = now()
	  FROM made
	 WHERE video_repair.id = $1::bigint
	RETURNING video_repair.id)
SELECT made.id AS video_id
  FROM made, done
