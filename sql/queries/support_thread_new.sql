-- support_thread_new: a thread of user $1 (NULL: signed out, from address $7), unless it is there already
INSERT INTO support_thread (user_id, word_hash, kind, tiktok_name, email, subject, network)
VALUES ($1::bigint, $2::bytea, $3, $4, $5, $6,
        CASE WHEN $1::bigint IS NULL
             THEN network(set_masklen($7::inet, CASE family($7::inet) WHEN 4 THEN 24 ELSE 56 END)) END)
ON CONFLICT (word_hash) DO NOTHING
RETURNING id
