-- import_done: download $1 under its claim $2 has come to the last of its $3 bytes
UPDATE video_import
   SET state = 'done',
       received = coalesce($3::bigint, received),
       total = coalesce($3::bigint, received),
       validator = NULL,
       lease_until = NULL,
       ended_at = now()
 WHERE id = $1::bigint
   AND attempts = $2::int
   AND state = 'running'
RETURNING id
