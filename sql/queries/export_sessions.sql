-- export_sessions: sign-ins of user $1 that are not over, after position $2, at most $3
SELECT s.position,
       json_build_object(
         'created_at', s.created_at,
         'last_seen_at', s.last_seen_at,
         'expires_at', s.expires_at,
         'purpose', s.purpose) AS item
  FROM (SELECT row_number() OVER (ORDER BY created_at, last_seen_at, expires_at) AS position,
               created_at, last_seen_at, expires_at, purpose
          FROM session
         WHERE user_id = $1::bigint) s
 WHERE s.position > $2::bigint
 ORDER BY 1
 LIMIT $3::int
