-- export_wait: export $1 gives its file $2 back and is tried again in $3 seconds; $4 attempts do not count
UPDATE export_request
   SET state = 'waiting',
       attempts = attempts - $4::int,
       file = NULL,
       percent = 0,
       lease_until = now() + make_interval(secs => $3::double precision)
 WHERE id = $1::bigint
   AND file = $2
   AND state = 'running'
RETURNING id
