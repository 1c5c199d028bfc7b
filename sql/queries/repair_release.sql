-- repair_release: attempt $2 could not be made and does not count; try again in $3 seconds
UPDATE video_repair
   SET state = 'waiting',
       percent = 0,
       attempts = attempts - 1,
       lease_until = now() + make_interval(secs => $3::double precision)
 WHERE id = $1::bigint
   AND attempts = $2::int
   AND state = 'running'
RETURNING id
