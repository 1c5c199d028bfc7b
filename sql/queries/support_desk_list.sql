-- support_desk_list: at most $3 threads of everybody in state $1 (NULL: any) with an id above $2, the oldest first
SELECT t.id, t.user_id, t.kind, t.tiktok_name, t.email, t.subject, t.state,
       t.created_at AT TIME ZONE 'UTC' AS created_at,
       to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS created_at_text,
       t.updated_at AT TIME ZONE 'UTC' AS updated_at,
       to_char(t.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS updated_at_text
  FROM support_thread t
 WHERE ($1::text IS NULL OR t.state = $1)
   AND t.id > $2::bigint
 ORDER BY t.id
 LIMIT $3::bigint
