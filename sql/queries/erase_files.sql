-- erase_files: the next $3 of the names after $2 under which files of user $1 may lie
SELECT name FROM (
	SELECT id AS name FROM upload WHERE user_id = $1::bigint
	 UNION
	SELECT file FROM video WHERE user_id = $1::bigint
	 UNION
	SELECT r.file FROM video v JOIN video_repair r ON r.video_id = v.id
	 WHERE v.user_id = $1::bigint AND r.file IS NOT NULL
	 UNION
	SELECT file FROM export_request WHERE user_id = $1::bigint AND file IS NOT NULL
	 UNION
	SELECT upload_id FROM video_import WHERE user_id = $1::bigint AND upload_id IS NOT NULL) AS names
 WHERE name > $2
 ORDER BY name
 LIMIT $3::int
