-- export_replace: a new archive takes the place of one of user $1 that is ready
UPDATE export_request
   SET state = 'expired',
       file = NULL
 WHERE user_id = $1::bigint
   AND state = 'ready'
RETURNING id
