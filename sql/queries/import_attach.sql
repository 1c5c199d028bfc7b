-- import_attach: download $1 under its claim $2 has an upload now
UPDATE video_import
   SET upload_id = $3,
       name = $4,
       total = $5::bigint,
       received = 0,
       validator = NULL
 WHERE id = $1::bigint
   AND attempts = $2::int
   AND state = 'running'
RETURNING id
