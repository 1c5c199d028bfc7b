-- export_progress: export $1 under its file $2 is at $3 percent, and goes on for $4 seconds
UPDATE export_request
   SET percent = $3::int,
       lease_until = now() + make_interval(secs => $4::double precision)
 WHERE id = $1::bigint
   AND file = $2
   AND state = 'running'
RETURNING id
