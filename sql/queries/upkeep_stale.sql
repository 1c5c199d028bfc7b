-- upkeep_stale: tokens to refresh ahead of need: posts due within the hour, or long unused ones (reference 1.6)
SELECT t.account_id
  FROM account_token t
  JOIN account a ON a.id = t.account_id
 WHERE a.state = 'connected' AND t.refresh_after <= now()
   AND (t.refresh_lease_until IS NULL OR t.refresh_lease_until < now())
   AND (t.refreshed_at < now() - interval '30 days'
        OR t.refresh_expires_at < now() + interval '7 days'
        OR (t.access_expires_at < now() + make_interval(secs => least(600, t.access_lifetime_s / 4.0))
            AND EXISTS (SELECT FROM post p
                         WHERE p.account_id = a.id AND p.state = 'scheduled'
                           AND p.next_attempt_at < now() + interval '1 hour')))
 ORDER BY t.access_expires_at
 LIMIT $1::int
