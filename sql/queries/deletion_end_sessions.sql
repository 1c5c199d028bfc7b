-- deletion_end_sessions: user $1 is signed out everywhere
DELETE FROM session
 WHERE user_id = $1::bigint
