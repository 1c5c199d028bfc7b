-- video_hash_renew: the lease ends in $2 seconds instead; no row: the video is gone, or hashed
UPDATE video
   SET hash_lease_until = now() + make_interval(secs => $2::double precision)
 WHERE id = $1::bigint
   AND sha256 IS NULL
   AND deleted_at IS NULL
RETURNING id
