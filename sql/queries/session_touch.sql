-- session_touch: the session was used
UPDATE session
   SET last_seen_at = now()
 WHERE id_hash = $1::bytea
RETURNING user_id
