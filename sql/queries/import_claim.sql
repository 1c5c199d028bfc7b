-- import_claim: take the next download for $1 seconds, unless $2 are under way, or $3 of its user
UPDATE video_import
   SET state = 'running',
       attempts = attempts + 1,
       lease_until = now() + make_interval(secs => $1::double precision),
       reason_code = NULL,
       reason_message = NULL
 WHERE id = (SELECT i.id
               FROM video_import i
              WHERE i.source = 'url'
                AND ((i.state = 'waiting' AND i.next_attempt_at <= now())
                     OR (i.state = 'running' AND i.lease_until < now()))
                AND (SELECT count(*)
                       FROM video_import r
                      WHERE r.source = 'url' AND r.state = 'running' AND r.lease_until >= now()) < $2::int
                AND (SELECT count(*)
                       FROM video_import r
                      WHERE r.user_id = i.user_id
                        AND r.source = 'url' AND r.state = 'running' AND r.lease_until >= now()) < $3::int
              ORDER BY i.next_attempt_at, i.id
              LIMIT 1
                FOR UPDATE OF i SKIP LOCKED)
RETURNING id, user_id, attempts, address, upload_id, validator, received, total, video_id
