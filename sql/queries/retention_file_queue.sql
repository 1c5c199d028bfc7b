-- retention_file_queue: files that no row needs any more; one that a video still needs waits, whoever queued it
SELECT file AS name
  FROM file_removal
 WHERE ($1::text IS NULL OR file > $1)
   AND NOT EXISTS (SELECT FROM video v
                    WHERE v.file = substring(file_removal.file FROM '^(?:videos|frames)/([A-Za-z0-9_-]{22})')
                      AND v.deleted_at IS NULL AND v.state <> 'refused')
 ORDER BY file
 LIMIT $2::int
