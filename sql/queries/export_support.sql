-- export_support: support threads with their messages of user $1 after position $2, at most $3
SELECT t.id AS position,
       json_build_object(
         'id', t.id::text,
         'kind', t.kind,
         'tiktok_name', t.tiktok_name,
         'email', t.email,
         'subject', t.subject,
         'state', t.state,
         'created_at', t.created_at,
         'updated_at', t.updated_at,
         'closed_at', t.closed_at,
         'messages', (SELECT coalesce(json_agg(json_build_object('author', m.author, 'body', m.body,
                                                              'created_at', m.created_at) ORDER BY m.id), '[]')
                       FROM support_message m
                      WHERE m.thread_id = t.id)) AS item
  FROM support_thread t
 WHERE t.user_id = $1::bigint
   AND t.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
