-- queue_claim_due: take the next post that falls due within $1 seconds, for $2 seconds; one per account at a time
WITH due AS (
	SELECT p.id
	  FROM post p
	 WHERE p.state = 'scheduled'
	   AND p.next_attempt_at <= now() + make_interval(secs => $1::float8)
	   AND (p.lease_until IS NULL OR p.lease_until < now())
	   AND NOT EXISTS (SELECT FROM post q
	                    WHERE q.account_id = p.account_id AND q.lease_until > now()
	                      AND q.state IN ('scheduled', 'publishing'))
	   AND NOT EXISTS (SELECT FROM post q WHERE q.account_id = p.account_id AND q.state = 'publishing')
	 ORDER BY p.next_attempt_at, p.id
	 LIMIT 1
	   FOR UPDATE OF p SKIP LOCKED)
UPDATE post
   SET fence = nextval('post_fence'),
       lease_until = now() + make_interval(secs => $2::float8),
       attempts = attempts + 1,
       unrecorded = unrecorded + 1
  FROM due
 WHERE post.id = due.id
RETURNING post.id, post.fence
