-- retention_file_queue: files that no row needs any more
SELECT file AS name
  FROM file_removal
 WHERE file > $1
 ORDER BY file
 LIMIT $2::int
