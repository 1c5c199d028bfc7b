-- connect_token_store: the tokens of a new consent; a refresh that is under way loses its lease by the fence.
-- Parameters and not excluded.*: that would need SELECT on the sealed columns, which this role must not have.
INSERT INTO account_token (account_id, version, access_sealed, refresh_sealed, access_expires_at,
       access_lifetime_s, refresh_expires_at)
VALUES ($1::bigint, $2::bigint, $3::bytea, $4::bytea, now() + make_interval(secs => $5::float8),
       $5::bigint, now() + make_interval(secs => $6::float8))
    ON CONFLICT (account_id) DO UPDATE
   SET version = $2::bigint, access_sealed = $3::bytea, refresh_sealed = $4::bytea,
       access_expires_at = now() + make_interval(secs => $5::float8), access_lifetime_s = $5::bigint,
       refresh_expires_at = now() + make_interval(secs => $6::float8),
       refreshed_at = now(), refresh_fence = account_token.refresh_fence + 1, refresh_lost = 0,
       refresh_lease_until = NULL, refresh_after = '-infinity'
