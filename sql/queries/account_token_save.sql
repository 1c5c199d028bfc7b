-- account_token_save: the new pair, durable before it is used
WITH saved AS (
	UPDATE account_token
	   SET version = $3::bigint, access_sealed = $4::bytea, refresh_sealed = $5::bytea,
	       access_expires_at = now() + make_interval(secs => $6::float8), access_lifetime_s = $6::bigint,
	       refresh_expires_at = now() + make_interval(secs => $7::float8),
	       refreshed_at = now(), refresh_lease_until = NULL, refresh_lost = 0, refresh_after = '-infinity'
	 WHERE account_id = $1::bigint AND refresh_fence = $2::bigint
	RETURNING account_id)
UPDATE account
   SET scopes = CASE WHEN $8 <> '' THEN string_to_array($8, ',') ELSE scopes END
  FROM saved
 WHERE account.id = saved.account_id
RETURNING account.id
