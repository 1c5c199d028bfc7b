-- account_token_load: the sealed pair; stale when it should be refreshed before it is used for long
SELECT t.version, t.access_sealed, t.refresh_sealed, a.state AS account_state, a.open_id,
       t.access_expires_at < now() + make_interval(secs => least(600, t.access_lifetime_s / 4.0)) AS stale,
       t.access_expires_at < now() + interval '5 seconds' AS expired,
       t.refresh_expires_at < now() AS refresh_expired, t.refresh_lost
  FROM account_token t
  JOIN account a ON a.id = t.account_id
 WHERE t.account_id = $1::bigint
