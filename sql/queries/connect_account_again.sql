-- connect_account_again: account $1 is connected again; names that TikTok did not tell stay
UPDATE account
   SET display_name = CASE WHEN $2 <> '' THEN $2 ELSE display_name END,
       username = CASE WHEN $3 <> '' THEN $3 ELSE username END,
       avatar_url = CASE WHEN $4 <> '' THEN $4 ELSE avatar_url END,
       scopes = string_to_array($5, ','),
       state = 'connected', state_reason = NULL, connected_at = now(),
       disconnect_tries = 0, disconnect_waits = 0, disconnect_after = '-infinity', erase_after = NULL
 WHERE id = $1::bigint AND state <> 'disconnecting'
RETURNING id
