-- retention_upload_drop: forget an upload whose time is still over
DELETE FROM upload
 WHERE id = $1 AND expires_at < now()
RETURNING finished_at IS NOT NULL AS finished
