-- oauth_state_open: begin a sign-in for $7 seconds, unless user or browser have $8 under way
INSERT INTO oauth_state (state_hash, browser_hash, user_id, account_id, return_path, code_verifier, expires_at,
       purpose)
SELECT $1::bytea, $2::bytea, $3::bigint, $4::bigint, $5, $6, now() + make_interval(secs => $7::int), $9
 WHERE (SELECT count(*)
          FROM oauth_state
         WHERE expires_at > now()
           AND CASE WHEN $3::bigint IS NULL THEN browser_hash = $2::bytea ELSE user_id = $3::bigint END) < $8::int
