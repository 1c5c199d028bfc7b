-- support_thread_new: a thread of user $1 (NULL: signed out), unless it is there already
INSERT INTO support_thread (user_id, word_hash, kind, tiktok_name, email, subject)
VALUES ($1::bigint, $2::bytea, $3, $4, $5, $6)
ON CONFLICT (word_hash) DO NOTHING
RETURNING id
