-- session_find: the user of a living session that is good for all, or also one that only proves who somebody is ($3);
-- stale when its last use should be written down
SELECT user_id,
       purpose = 'erase' AS only_erases,
       last_seen_at < now() - interval '1 minute' AS stale
  FROM session
 WHERE id_hash = $1::bytea
   AND expires_at > now()
   AND last_seen_at > now() - make_interval(hours => $2::int)
   AND (purpose = 'all' OR $3::boolean)
