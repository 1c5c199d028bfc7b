-- support_threads_used: threads of kind $3 that user $1 (NULL: all signed out) began in $2 seconds, and those of them from the
-- network of thread $4; when the first of each gets older
SELECT count(*) AS used,
       ceil(extract(epoch FROM min(t.created_at) + make_interval(secs => $2::double precision) - now()))::bigint AS wait,
       count(*) FILTER (WHERE t.network = o.network) AS near_used,
       ceil(extract(epoch FROM min(t.created_at) FILTER (WHERE t.network = o.network)
                               + make_interval(secs => $2::double precision) - now()))::bigint AS near_wait
  FROM support_thread o
  JOIN support_thread t ON t.user_id IS NOT DISTINCT FROM o.user_id AND t.kind = o.kind
 WHERE o.id = $4::bigint
   AND o.user_id IS NOT DISTINCT FROM $1::bigint
   AND o.kind = $3
   AND t.created_at > now() - make_interval(secs => $2::double precision)
