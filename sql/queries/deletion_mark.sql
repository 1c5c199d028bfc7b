-- deletion_mark: a step is done
UPDATE deletion_step
   SET done_at = now(), detail = $3
 WHERE request_id = $1::bigint AND step = $2 AND done_at IS NULL
