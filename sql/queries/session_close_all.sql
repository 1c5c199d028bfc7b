-- session_close_all: sign user $1 out of every browser
DELETE FROM session
 WHERE user_id = $1::bigint
