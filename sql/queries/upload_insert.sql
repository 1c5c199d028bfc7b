-- upload_insert: a new upload kept for $5 seconds
INSERT INTO upload (id, user_id, length, name, expires_at, kind, source)
VALUES ($1, $2::bigint, $3::bigint, $4, now() + make_interval(secs => $5::double precision), $6, $7)
RETURNING id
