-- deletion_next: the first open request after $1, and what it waits for
SELECT r.id, r.user_id, r.origin,
       r.state = 'grace' AND r.grace_until > now() AS in_grace,
       r.state = 'grace' AND r.grace_until <= now() AS grace_over,
       floor(extract(epoch FROM now() - coalesce(r.grace_until, r.requested_at)) / 3600)::bigint AS age_hours,
       EXISTS (SELECT FROM deletion_step s
                WHERE s.request_id = r.id AND s.step = 'tokens_revoked' AND s.done_at IS NOT NULL) AS tokens_revoked,
       (SELECT count(*) FROM post p WHERE p.user_id = r.user_id AND p.state IN ('publishing', 'processing')) AS posts_under_way
  FROM deletion_request r
 WHERE r.state IN ('grace', 'waiting') AND r.id > $1::bigint
 ORDER BY r.id
 LIMIT 1
