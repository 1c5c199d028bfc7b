-- upload_is_known: is there a row of this upload, finished or not
SELECT id
  FROM upload
 WHERE id = $1
