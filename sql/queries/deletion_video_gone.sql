-- deletion_video_gone: the row of a video whose files are removed
DELETE FROM video
 WHERE user_id = $1::bigint AND file = $2
