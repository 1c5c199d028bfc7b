-- queue_claim_ahead: take up to $2 posts that fall due in $3 to $4 seconds and are not prepared yet, for $1 seconds
WITH chosen AS (
	SELECT id
	  FROM post
	 WHERE state = 'scheduled'
	   AND next_attempt_at > now() + make_interval(secs => $3::float8)
	   AND next_attempt_at <= now() + make_interval(secs => $4::float8)
	   AND (prepared_at IS NULL OR prepared_at < next_attempt_at - interval '5 minutes')
	   AND (lease_until IS NULL OR lease_until < now())
	 ORDER BY next_attempt_at, id
	 LIMIT $2::bigint
	   FOR UPDATE SKIP LOCKED)
UPDATE post
   SET fence = nextval('post_fence'), lease_until = now() + make_interval(secs => $1::float8),
       unrecorded = unrecorded + 1
  FROM chosen
 WHERE post.id = chosen.id
RETURNING post.id, post.fence
