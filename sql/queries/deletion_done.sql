-- deletion_done: the request is fulfilled
UPDATE deletion_request
   SET state = 'done', finished_at = now()
 WHERE id = $1::bigint AND state = 'waiting'
