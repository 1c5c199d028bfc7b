-- deletion_undo: the request with receipt $1, or of user $2, is taken back while that is still possible
UPDATE deletion_request
   SET state = 'undone', finished_at = now()
 WHERE state = 'grace' AND (receipt_hash = $1::bytea OR user_id = $2::bigint)
RETURNING id, user_id
