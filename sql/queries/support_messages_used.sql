-- support_messages_used: what user $1 or the holder of thread $2 wrote in $3 seconds; when the first gets older
SELECT count(*) AS used,
       ceil(extract(epoch FROM min(m.created_at) + make_interval(secs => $3::double precision) - now()))::bigint AS wait
  FROM support_message m
  JOIN support_thread t ON t.id = m.thread_id
 WHERE m.author = 'user'
   AND m.created_at > now() - make_interval(secs => $3::double precision)
   AND (t.user_id = $1::bigint OR t.id = $2::bigint)
