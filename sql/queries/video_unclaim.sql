-- video_unclaim: this attempt does not count; try again in $3 seconds
UPDATE video
   SET check_attempts = check_attempts - 1,
       check_lease_until = now() + make_interval(secs => $3::double precision)
 WHERE id = $1::bigint
   AND state = 'checking'
   AND check_attempts = $2::int
RETURNING id
