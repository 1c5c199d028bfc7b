-- drop_done: the upload of dropped file $1 has all of it
UPDATE video_import
   SET state = 'done',
       received = file_size,
       ended_at = now()
 WHERE id = $1::bigint
   AND state = 'running'
RETURNING id
