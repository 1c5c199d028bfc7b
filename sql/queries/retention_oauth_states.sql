-- retention_oauth_states: sign-ins that could not be finished any more $1 hours ago
DELETE FROM oauth_state
 WHERE state_hash IN (SELECT state_hash FROM oauth_state
                       WHERE expires_at < now() - make_interval(hours => $1::int)
                       LIMIT $2::int)
