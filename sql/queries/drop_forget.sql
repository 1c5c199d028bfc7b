-- drop_forget: a dropped file that is no longer there, or was never taken
DELETE FROM video_import
 WHERE id = $1::bigint
   AND source = 'drop'
   AND state <> 'done'
RETURNING id
