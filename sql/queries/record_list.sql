-- record_list: what the record holds about user $1, the newest first: with ids below $2, at most $3
SELECT e.id, e.event, e.account_id, a.display_name AS account_name, e.post_id, e.code, e.log_id,
       e.operator IS NOT NULL AS by_operator,
       CASE WHEN f.short THEN f.address::text ELSE host(f.address) END AS address,
       e.at AT TIME ZONE 'UTC' AS at,
       to_char(e.at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI:SS') || ' ' || u.time_zone AS at_text
  FROM audit_event e
  JOIN app_user u ON u.id = e.user_id
  LEFT JOIN account a ON a.id = e.account_id AND a.user_id = e.user_id
  LEFT JOIN audit_address f ON f.event_id = e.id
 WHERE e.user_id = $1::bigint
   AND ($2::bigint IS NULL OR e.id < $2::bigint)
 ORDER BY e.id DESC
 LIMIT $3::bigint
