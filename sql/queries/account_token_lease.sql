-- account_token_lease: one refresh at a time and account, across processes and machines (R6)
UPDATE account_token
   SET refresh_fence = refresh_fence + 1,
       refresh_lease_until = now() + interval '60 seconds'
 WHERE account_id = $1::bigint AND version = $2::bigint
   AND (refresh_lease_until IS NULL OR refresh_lease_until < now())
   AND refresh_after <= now()
RETURNING refresh_fence
