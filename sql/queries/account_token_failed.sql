-- account_token_failed: no answer, or TikTok's trouble: let go and try again in $3 seconds
UPDATE account_token
   SET refresh_lease_until = NULL, refresh_lost = refresh_lost + 1,
       refresh_after = now() + make_interval(secs => $3::float8)
 WHERE account_id = $1::bigint AND refresh_fence = $2::bigint
RETURNING refresh_lost
