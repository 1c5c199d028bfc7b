-- support_list: at most $3 threads of user $1 with an id below $2, the newest first
SELECT t.id, t.user_id, t.kind, t.tiktok_name, t.email, t.subject, t.state,
       t.created_at AT TIME ZONE 'UTC' AS created_at,
       to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS created_at_text,
       t.updated_at AT TIME ZONE 'UTC' AS updated_at,
       to_char(t.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS updated_at_text
  FROM support_thread t
 WHERE t.user_id = $1::bigint
   AND ($2::bigint IS NULL OR t.id < $2::bigint)
 ORDER BY t.id DESC
 LIMIT $3::bigint
