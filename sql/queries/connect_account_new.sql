-- connect_account_new: an account that this user has not had
INSERT INTO account (user_id, open_id, display_name, username, avatar_url, scopes)
VALUES ($1::bigint, $2, $3, $4, $5, string_to_array($6, ','))
RETURNING id
