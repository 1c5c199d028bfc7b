-- oauth_state_take: use a state up, once, in time, in the browser that began
UPDATE oauth_state
   SET used_at = now()
 WHERE state_hash = $1::bytea
   AND browser_hash = $2::bytea
   AND used_at IS NULL
   AND expires_at > now()
RETURNING user_id, account_id, return_path, code_verifier, purpose = 'erase' AS to_erase
