-- import_wait: download $1 gives its claim $2 back and is tried again in $3 seconds; $4 attempts do not count
UPDATE video_import
   SET state = 'waiting',
       attempts = attempts - $4::int,
       lease_until = NULL,
       next_attempt_at = now() + make_interval(secs => $3::double precision),
       reason_code = $5,
       reason_message = $6
 WHERE id = $1::bigint
   AND attempts = $2::int
   AND state = 'running'
RETURNING id
