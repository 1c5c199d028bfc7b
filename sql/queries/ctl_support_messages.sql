-- ctl_support_messages: what was written in thread $1, and whether it was mailed
SELECT m.id, m.created_at AT TIME ZONE 'UTC' AS created_at, m.author, m.mailed_at AT TIME ZONE 'UTC' AS mailed_at,
       m.mail_tries, m.body
  FROM support_message m
 WHERE m.thread_id = $1::bigint
 ORDER BY m.id
