-- queue_renew: keep the leases of these posts ($1 ids, $2 fences) for $3 more seconds; a missing one is lost
UPDATE post
   SET lease_until = now() + make_interval(secs => $3::float8)
  FROM unnest($1::bigint[], $2::bigint[]) AS mine (id, fence)
 WHERE post.id = mine.id AND post.fence = mine.fence
RETURNING post.id
