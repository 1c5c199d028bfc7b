-- export_accounts: TikTok accounts of user $1 after position $2, at most $3
SELECT a.id AS position,
       json_build_object(
         'id', a.id::text,
         'open_id', a.open_id,
         'display_name', a.display_name,
         'username', a.username,
         'avatar_url', a.avatar_url,
         'scopes', a.scopes,
         'state', a.state,
         'state_reason', a.state_reason,
         'connected_at', a.connected_at,
         'created_at', a.created_at,
         'erase_after', a.erase_after) AS item
  FROM account a
 WHERE a.user_id = $1::bigint
   AND a.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
