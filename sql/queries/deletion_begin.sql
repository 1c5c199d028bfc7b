-- deletion_begin: nobody has taken request $1 back in time
UPDATE deletion_request
   SET state = 'waiting'
 WHERE id = $1::bigint AND state = 'grace' AND grace_until <= now()
