-- breaker_fail: $2 calls in a row were not answered by host $1, the last for account $3. The breaker opens at 5 in a row of
-- several accounts or 10 of one (security-reliability 4.5); the next call may then be tried in $4 seconds
INSERT INTO breaker AS b (host, failures, failing_since, failing_account)
VALUES ($1, $2::int, now(), $3::bigint)
    ON CONFLICT (host) DO UPDATE
   SET failures = CASE WHEN b.failing_since < now() - interval '5 minutes' AND b.opened_at IS NULL THEN $2::int
                       ELSE b.failures + $2::int END,
       failing_since = CASE WHEN b.failing_since IS NULL
                                 OR b.failing_since < now() - interval '5 minutes' AND b.opened_at IS NULL THEN now()
                            ELSE b.failing_since END,
       failing_account = $3::bigint,
       several_accounts = b.failures > 0 AND (b.several_accounts OR b.failing_account IS DISTINCT FROM $3::bigint)
                          AND NOT (b.failing_since < now() - interval '5 minutes' AND b.opened_at IS NULL),
       opened_at = CASE WHEN b.opened_at IS NOT NULL THEN b.opened_at
                        WHEN b.failing_since < now() - interval '5 minutes' THEN NULL
                        WHEN b.failures + $2::int >= 10
                             OR b.failures + $2::int >= 5
                                AND (b.several_accounts OR b.failing_account IS DISTINCT FROM $3::bigint) THEN now() END,
       probe_at = CASE WHEN b.opened_at IS NULL THEN now() + make_interval(secs => $4::float8) ELSE b.probe_at END
RETURNING failures, opened_at IS NOT NULL AS is_open
