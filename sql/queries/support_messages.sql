-- support_messages: the newest $2 messages of thread $1, the oldest of them first
SELECT n.id, n.author, n.body,
       n.created_at AT TIME ZONE 'UTC' AS created_at,
       to_char(n.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS created_at_text
  FROM (SELECT m.id, m.author, m.body, m.created_at
          FROM support_message m
         WHERE m.thread_id = $1::bigint
         ORDER BY m.id DESC
         LIMIT $2::bigint) n
 ORDER BY n.id
