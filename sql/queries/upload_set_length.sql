-- upload_set_length: the length of an upload is known now
UPDATE upload
   SET length = $2::bigint
 WHERE id = $1
   AND finished_at IS NULL
RETURNING id
