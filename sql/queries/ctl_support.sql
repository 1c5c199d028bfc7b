-- ctl_support: support threads for the operator, the oldest first: the one with id $1, or at most $4 in state $2 (NULL:
-- any) with ids above $3
SELECT t.id, t.user_id, t.kind, t.state, t.subject, t.tiktok_name, t.email,
       (SELECT count(*) FROM support_message m WHERE m.thread_id = t.id) AS messages,
       t.created_at AT TIME ZONE 'UTC' AS created_at, t.updated_at AT TIME ZONE 'UTC' AS updated_at,
       t.closed_at AT TIME ZONE 'UTC' AS closed_at
  FROM support_thread t
 WHERE ($1::bigint IS NULL OR t.id = $1::bigint)
   AND ($2::text IS NULL OR t.state = $2::text)
   AND ($3::bigint IS NULL OR t.id > $3::bigint)
 ORDER BY t.id
 LIMIT $4::bigint
