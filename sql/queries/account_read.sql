-- account_read: the user's accounts, or the one with id $2
SELECT a.id, a.open_id, a.display_name, a.username, a.avatar_url, array_to_string(a.scopes, ',') AS scopes,
       a.state, a.state_reason,
       a.connected_at AT TIME ZONE 'UTC' AS connected_at,
       to_char(a.connected_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS connected_at_text
  FROM account a
  JOIN app_user u ON u.id = a.user_id
 WHERE a.user_id = $1::bigint
   AND CASE WHEN $2::bigint IS NULL THEN a.state <> 'disconnected' ELSE a.id = $2::bigint END
 ORDER BY a.id
