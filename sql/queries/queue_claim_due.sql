-- queue_claim_due: take up to $2 posts that fall due within $3 seconds, for $1 seconds. At most $4 of an account at a time;
-- users take turns; what an outage has kept back goes out at least $5 seconds apart for each account. Only the first $6
-- that are due are looked at
WITH near AS (
	SELECT id, user_id, account_id, next_attempt_at, coalesce(late_from, due_at) AS planned_at,
	       coalesce(lease_until >= now(), false) AS is_taken
	  FROM post
	 WHERE state = 'scheduled' AND next_attempt_at <= now() + make_interval(secs => $3::float8)
	 ORDER BY next_attempt_at, id
	 LIMIT $6::bigint),
under_way AS (
	SELECT account_id FROM post WHERE state = 'publishing'
	UNION ALL
	SELECT account_id FROM near WHERE is_taken),
busy AS (
	SELECT account_id, count(*) AS posts FROM under_way GROUP BY account_id),
outage AS (
	SELECT max(closed_at) AS ended_at FROM breaker),
ranked AS (
	SELECT due.id, due.next_attempt_at,
	       coalesce(busy.posts, 0)
	       + row_number() OVER (PARTITION BY due.account_id ORDER BY due.next_attempt_at, due.id) AS account_turn,
	       row_number() OVER (PARTITION BY due.user_id ORDER BY due.next_attempt_at, due.id) AS user_turn
	  FROM near AS due
	 CROSS JOIN outage
	  LEFT JOIN busy ON busy.account_id = due.account_id
	 WHERE NOT due.is_taken
	   AND (outage.ended_at IS NULL OR due.planned_at >= outage.ended_at
	        OR NOT EXISTS (SELECT FROM attempt
	                    WHERE attempt.account_id = due.account_id
	                      AND attempt.intent_at > now() - make_interval(secs => $5::float8)))),
-- some more than wanted, as another publisher may be ahead of us
best AS (
	SELECT id, user_turn, next_attempt_at
	  FROM ranked
	 WHERE account_turn <= $4::bigint
	 ORDER BY user_turn, next_attempt_at, id
	 LIMIT $2::bigint * 4),
chosen AS (
	SELECT post.id
	  FROM best
	  JOIN post ON post.id = best.id
	 WHERE post.state = 'scheduled' AND (post.lease_until IS NULL OR post.lease_until < now())
	   AND post.next_attempt_at <= now() + make_interval(secs => $3::float8)
	   -- whoever has asked for erasure sends nothing more, whatever was planned in that moment
	   AND NOT EXISTS (SELECT FROM deletion_request d
	                    WHERE d.user_id = post.user_id AND d.state IN ('grace', 'waiting'))
	 ORDER BY best.user_turn, best.next_attempt_at, post.id
	 LIMIT $2::bigint
	   FOR UPDATE OF post SKIP LOCKED)
UPDATE post
   SET fence = nextval('post_fence'), lease_until = now() + make_interval(secs => $1::float8),
       attempts = attempts + 1, unrecorded = unrecorded + 1
  FROM chosen
 WHERE post.id = chosen.id
RETURNING post.id, post.fence
