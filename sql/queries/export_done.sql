-- export_done: the archive of export $1, file $2, is there with $3 bytes, to be fetched for $4 hours
UPDATE export_request
   SET state = 'ready',
       percent = 100,
       size = $3::bigint,
       lease_until = NULL,
       reason_code = NULL,
       reason_message = NULL,
       ended_at = now(),
       expires_at = now() + make_interval(hours => $4::int)
 WHERE id = $1::bigint
   AND file = $2
   AND state = 'running'
RETURNING id
