-- repair_failed: attempt $2 has shown that it cannot be done
UPDATE video_repair
   SET state = 'failed',
       reason_code = $3,
       reason_message = $4,
       file = NULL,
       lease_until = NULL,
       ended_at = now()
 WHERE id = $1::bigint
   AND attempts = $2::int
   AND state = 'running'
RETURNING id
