-- erase_sessions: sessions of user $1
DELETE FROM session
 WHERE id_hash IN (SELECT id_hash FROM session WHERE user_id = $1::bigint LIMIT $2::int)
