-- import_progress: $3 bytes of download $1 under its claim $2 are safe, and it goes on for $6 seconds
UPDATE video_import
   SET received = $3::bigint,
       total = $4::bigint,
       validator = $5,
       lease_until = now() + make_interval(secs => $6::double precision)
 WHERE id = $1::bigint
   AND attempts = $2::int
   AND state = 'running'
RETURNING id
