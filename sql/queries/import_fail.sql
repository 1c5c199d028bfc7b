-- import_fail: download $1 under its claim $2 has failed for good
UPDATE video_import
   SET state = 'failed',
       reason_code = $3,
       reason_message = $4,
       upload_id = NULL,
       validator = NULL,
       lease_until = NULL,
       ended_at = now()
 WHERE id = $1::bigint
   AND attempts = $2::int
   AND state = 'running'
RETURNING id
