-- export_cancel: user $1 no longer wants export $2; the exporter removes its file
UPDATE export_request
   SET state = 'cancelled',
       file = NULL,
       lease_until = NULL,
       ended_at = now()
 WHERE user_id = $1::bigint
   AND id = $2::bigint
   AND state IN ('waiting', 'running', 'ready')
RETURNING id
