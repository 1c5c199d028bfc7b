-- deletion_upload_gone: the row of an upload whose files are removed
DELETE FROM upload
 WHERE user_id = $1::bigint AND id = $2
