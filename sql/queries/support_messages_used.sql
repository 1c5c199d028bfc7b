-- support_messages_used: what the writer of thread $1 (a user in all theirs, else in this one), what everybody signed out and
-- what the thread's network wrote in $2 seconds; when the first of each gets older
SELECT count(*) FILTER (WHERE mine) AS used,
       ceil(extract(epoch FROM min(at) FILTER (WHERE mine) + period - now()))::bigint AS wait,
       count(*) FILTER (WHERE open) AS open_used,
       ceil(extract(epoch FROM min(at) FILTER (WHERE open) + period - now()))::bigint AS open_wait,
       count(*) FILTER (WHERE near) AS near_used,
       ceil(extract(epoch FROM min(at) FILTER (WHERE near) + period - now()))::bigint AS near_wait
  FROM (SELECT m.created_at AS at,
               make_interval(secs => $2::double precision) AS period,
               t.id = o.id OR t.user_id = o.user_id AS mine,
               t.user_id IS NULL AND o.user_id IS NULL AS open,
               coalesce(t.network = o.network, false) AS near
          FROM support_thread o
          JOIN support_thread t ON t.user_id IS NOT DISTINCT FROM o.user_id
          JOIN support_message m ON m.thread_id = t.id
         WHERE o.id = $1::bigint
           AND m.author = 'user'
           AND m.created_at > now() - make_interval(secs => $2::double precision)) AS written
 GROUP BY period
