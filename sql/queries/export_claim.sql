-- export_claim: take the next export for $1 seconds under file name $2, unless $3 are under way; one that $4 attempts did not end is not taken
UPDATE export_request
   SET state = 'running',
       attempts = attempts + 1,
       file = $2,
       percent = 0,
       lease_until = now() + make_interval(secs => $1::double precision)
 WHERE id = (SELECT e.id
               FROM export_request e
              WHERE (e.state = 'waiting' OR e.state = 'running')
                AND (e.lease_until IS NULL OR e.lease_until < now())
                AND e.attempts < $4::int
                AND (SELECT count(*)
                       FROM export_request r
                      WHERE r.state = 'running' AND r.lease_until >= now()) < $3::int
              ORDER BY e.id
              LIMIT 1
                FOR UPDATE OF e SKIP LOCKED)
RETURNING id, user_id, with_videos, attempts, now()::text AS began_at
