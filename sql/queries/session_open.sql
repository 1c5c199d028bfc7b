-- session_open: a new session for $3 seconds at most
INSERT INTO session (id_hash, user_id, expires_at, purpose)
VALUES ($1::bytea, $2::bigint, now() + make_interval(secs => $3::double precision), $4)
RETURNING user_id
