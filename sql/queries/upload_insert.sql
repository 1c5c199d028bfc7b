-- upload_insert: a new upload kept for $5 seconds, unless its user has $6 unfinished ones already
INSERT INTO upload (id, user_id, length, name, expires_at, source)
SELECT $1, $2::bigint, $3::bigint, $4, now() + make_interval(secs => $5::double precision), $7
 WHERE (SELECT count(*)
          FROM upload
         WHERE user_id = $2::bigint
           AND finished_at IS NULL
           AND expires_at > now()) < $6::int
RETURNING id
