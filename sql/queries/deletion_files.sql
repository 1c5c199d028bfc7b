-- deletion_files: some files of user $1: uploads under way, then videos
SELECT id AS name, true AS is_upload FROM upload WHERE user_id = $1::bigint
 UNION ALL
SELECT file, false FROM video WHERE user_id = $1::bigint
 ORDER BY is_upload DESC, name
 LIMIT $2::int
