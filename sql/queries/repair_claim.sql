-- repair_claim: the next repair, leased for $1 seconds; its result is called $2 unless it has a name already
WITH next AS (
	SELECT r.id
	  FROM video_repair r
	  JOIN video v ON v.id = r.video_id
	 WHERE r.state IN ('waiting', 'running')
	   AND v.deleted_at IS NULL
	   AND (r.lease_until IS NULL OR r.lease_until < now())
	 ORDER BY r.lease_until NULLS FIRST, r.id
	 LIMIT 1
	   FOR UPDATE OF r SKIP LOCKED)
UPDATE video_repair r
   SET state = 'running',
       attempts = r.attempts + 1,
       percent = 0,
       file = coalesce(r.file, $2),
       lease_until = now() + make_interval(secs => $1::double precision)
  FROM next, video v
 WHERE r.id = next.id
   AND v.id = r.video_id
RETURNING r.id, r.video_id, r.attempts, r.file AS output, v.file, v.size
