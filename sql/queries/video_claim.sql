-- video_claim: the next video to be checked, leased for $1 seconds
WITH next AS (
	SELECT id
	  FROM video
	 WHERE state = 'checking'
	   AND deleted_at IS NULL
	   AND (check_lease_until IS NULL OR check_lease_until < now())
	 ORDER BY check_lease_until NULLS FIRST, id
	 LIMIT 1
	   FOR UPDATE SKIP LOCKED)
UPDATE video
   SET check_attempts = check_attempts + 1,
       check_lease_until = now() + make_interval(secs => $1::double precision)
  FROM next
 WHERE video.id = next.id
RETURNING video.id, video.file, video.size, video.check_attempts
