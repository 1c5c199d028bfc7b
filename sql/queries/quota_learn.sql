-- quota_learn: TikTok refused a call of kind $2 although the ledger allowed it: none for $4 seconds. $1 NULL: for the app
INSERT INTO quota (account_id, kind, blocked_until, blocked_code)
VALUES ($1::bigint, $2, now() + make_interval(secs => $4::float8), $3)
    ON CONFLICT (account_id, kind) DO UPDATE
   SET blocked_until = greatest(quota.blocked_until, excluded.blocked_until), blocked_code = excluded.blocked_code
