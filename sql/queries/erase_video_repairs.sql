-- erase_video_repairs: some repairs of videos of user $1
DELETE FROM video_repair
 WHERE id IN (SELECT r.id FROM video v JOIN video_repair r ON r.video_id = v.id WHERE v.user_id = $1::bigint LIMIT $2::int)
RETURNING file, 0 AS bytes
