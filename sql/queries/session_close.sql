-- session_close: sign out
DELETE FROM session
 WHERE id_hash = $1::bytea
