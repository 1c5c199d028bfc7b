-- retention_old_uploads: uploads whose time is over
SELECT id AS name
  FROM upload
 WHERE expires_at < now() AND ($1::text IS NULL OR id > $1)
 ORDER BY id
 LIMIT $2::int
