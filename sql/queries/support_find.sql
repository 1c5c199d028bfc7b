-- support_find: the thread of a word, written signed out, or thread $2 where it is of user $3
SELECT t.id, t.user_id, t.kind, t.tiktok_name, t.email, t.subject, t.state,
       t.created_at AT TIME ZONE 'UTC' AS created_at,
       to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS created_at_text,
       t.updated_at AT TIME ZONE 'UTC' AS updated_at,
       to_char(t.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS updated_at_text
  FROM support_thread t
 WHERE (t.word_hash = $1::bytea AND t.user_id IS NULL)
    OR (t.id = $2::bigint AND t.user_id = $3::bigint)
