-- video_hashed: what the file's bytes hash to
UPDATE video
   SET sha256 = $2,
       hash_lease_until = NULL
 WHERE id = $1::bigint
   AND sha256 IS NULL
   AND deleted_at IS NULL
RETURNING id
