-- session_open: a new session for $3 days at most
INSERT INTO session (id_hash, user_id, expires_at)
VALUES ($1::bytea, $2::bigint, now() + make_interval(days => $3::int))
RETURNING user_id
