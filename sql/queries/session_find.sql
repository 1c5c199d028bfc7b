-- session_find: the user of a living session; stale when its last use should be written down
SELECT user_id,
       last_seen_at < now() - interval '1 minute' AS stale
  FROM session
 WHERE id_hash = $1::bytea
   AND expires_at > now()
   AND last_seen_at > now() - make_interval(hours => $2::int)
