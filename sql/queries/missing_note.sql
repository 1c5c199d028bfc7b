-- missing_note: the file of video $1 is gone, or is back
UPDATE video
   SET missing_at = CASE WHEN $2::boolean THEN coalesce(missing_at, now()) END
 WHERE id = $1::bigint
   AND deleted_at IS NULL
RETURNING id
