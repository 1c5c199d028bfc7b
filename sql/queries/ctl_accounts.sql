-- ctl_accounts: accounts for the operator: the one with id $1, or at most $4 of user $2 (NULL: of all) with ids above $3
SELECT a.id, a.user_id, a.state, a.state_reason, a.display_name, a.username, a.open_id,
       array_to_string(a.scopes, ',') AS scopes,
       a.connected_at AT TIME ZONE 'UTC' AS connected_at,
       t.access_expires_at AT TIME ZONE 'UTC' AS access_expires_at,
       t.refresh_expires_at AT TIME ZONE 'UTC' AS refresh_expires_at,
       t.refreshed_at AT TIME ZONE 'UTC' AS refreshed_at, t.refresh_lost,
       a.erase_after AT TIME ZONE 'UTC' AS erase_after
  FROM account a
  LEFT JOIN account_token t ON t.account_id = a.id
 WHERE CASE WHEN $1::bigint IS NULL THEN a.id > $3::bigint ELSE a.id = $1::bigint END
   AND ($2::bigint IS NULL OR a.user_id = $2::bigint)
 ORDER BY a.id
 LIMIT $4::bigint
