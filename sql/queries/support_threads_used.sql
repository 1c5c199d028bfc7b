-- support_threads_used: threads that user $1 (NULL: all signed out) began in $2 seconds; when the first gets older
SELECT count(*) AS used,
       ceil(extract(epoch FROM min(created_at) + make_interval(secs => $2::double precision) - now()))::bigint AS wait
  FROM support_thread
 WHERE user_id IS NOT DISTINCT FROM $1::bigint
   AND created_at > now() - make_interval(secs => $2::double precision)
