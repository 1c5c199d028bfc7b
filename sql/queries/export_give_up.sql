-- export_give_up: an export that $1 attempts did not end has failed, for reason $2 in words $3
UPDATE export_request
   SET state = 'failed',
       file = NULL,
       lease_until = NULL,
       reason_code = $2,
       reason_message = $3,
       ended_at = now()
 WHERE state IN ('waiting', 'running')
   AND (lease_until IS NULL OR lease_until < now())
   AND attempts >= $1::int
RETURNING id
