-- video_hash_claim: a ready video whose file nobody has read for its hash, leased for $1 seconds
WITH next AS (
	SELECT id
	  FROM video
	 WHERE sha256 IS NULL
	   AND state = 'ready'
	   AND deleted_at IS NULL
	   AND (hash_lease_until IS NULL OR hash_lease_until < now())
	 ORDER BY id
	 LIMIT 1
	   FOR UPDATE SKIP LOCKED)
UPDATE video
   SET hash_lease_until = now() + make_interval(secs => $1::double precision)
  FROM next
 WHERE video.id = next.id
RETURNING video.id, video.file, video.size
