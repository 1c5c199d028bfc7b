-- export_token_dates: dates of access to accounts of user $1 after position $2, at most $3
SELECT k.account_id AS position,
       json_build_object(
         'account_id', k.account_id::text,
         'access_expires_at', k.access_expires_at,
         'refresh_expires_at', k.refresh_expires_at,
         'refreshed_at', k.refreshed_at) AS item
  FROM account_token k JOIN account a ON a.id = k.account_id
 WHERE a.user_id = $1::bigint
   AND k.account_id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
