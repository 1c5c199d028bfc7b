-- import_forget: cancel the user's import or take an ended one off the list; a file that lies in the drop
-- folder would only be found again while it is open
DELETE FROM video_import
 WHERE user_id = $1::bigint AND id = $2::bigint
   AND (source = 'url' OR state IN ('done', 'failed'))
RETURNING id
