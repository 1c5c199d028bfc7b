-- queue_claim_lost: take over up to $2 posts whose publisher is gone, for $1 seconds
WITH chosen AS (
	SELECT id
	  FROM post
	 WHERE state = 'publishing' AND lease_until < now()
	 ORDER BY lease_until, id
	 LIMIT $2::bigint
	   FOR UPDATE SKIP LOCKED)
UPDATE post
   SET fence = nextval('post_fence'), lease_until = now() + make_interval(secs => $1::float8),
       attempts = attempts + 1, unrecorded = unrecorded + 1
  FROM chosen
 WHERE post.id = chosen.id
RETURNING post.id, post.fence
