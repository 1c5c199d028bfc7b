-- upload_extend: an upload that is in use, and not counted with another, is kept for $2 seconds more
UPDATE upload
   SET expires_at = now() + make_interval(secs => $2::double precision)
 WHERE id = $1
   AND finished_at IS NULL
   AND joined_at IS NULL
   AND expires_at > now()
RETURNING id
