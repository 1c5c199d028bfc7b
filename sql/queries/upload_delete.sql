-- upload_delete: an upload is given up; a finished one is a video and stays
DELETE FROM upload
 WHERE id = $1
   AND finished_at IS NULL
RETURNING id
