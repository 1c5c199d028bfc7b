-- erase_oauth_states: sign-ins of user $1 under way
DELETE FROM oauth_state
 WHERE state_hash IN (SELECT state_hash FROM oauth_state WHERE user_id = $1::bigint LIMIT $2::int)
