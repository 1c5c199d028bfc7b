-- repair_progress: how far attempt $2 is, and a lease of $4 seconds more; no row: nobody wants it any more
UPDATE video_repair r
   SET percent = $3::int,
       lease_until = now() + make_interval(secs => $4::double precision)
  FROM video v
 WHERE r.id = $1::bigint
   AND r.attempts = $2::int
   AND r.state = 'running'
   AND v.id = r.video_id
   AND v.deleted_at IS NULL
RETURNING r.id
