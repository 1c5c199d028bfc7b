-- export_fail: export $1 under its file $2 has failed for good, for reason $3 in words $4
UPDATE export_request
   SET state = 'failed',
       file = NULL,
       lease_until = NULL,
       reason_code = $3,
       reason_message = $4,
       ended_at = now()
 WHERE id = $1::bigint
   AND file = $2
   AND state = 'running'
RETURNING id
