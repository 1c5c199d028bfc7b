-- support_message_new: a message of author $2 in thread $1, unless its form has brought it already
INSERT INTO support_message (thread_id, author, body, form_hash)
VALUES ($1::bigint, $2, $3, $4::bytea)
ON CONFLICT (form_hash) DO NOTHING
RETURNING id
