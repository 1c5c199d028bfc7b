-- health_read: is the queue served, are the files there? A post whose account is busy with another one waits its turn and is not late.
SELECT (SELECT max(name) FROM schema_migration) AS schema,
       (SELECT greatest(0, extract(epoch FROM now() - at))::bigint
          FROM heartbeat
         WHERE program = 'publisher') AS heartbeat_age_s,
       (SELECT extract(epoch FROM now() - min(p.next_attempt_at))::bigint
          FROM post p
         WHERE p.state = 'scheduled' AND p.next_attempt_at < now()
           -- while TikTok does not answer the queue waits on purpose
           AND NOT EXISTS (SELECT FROM breaker WHERE opened_at IS NOT NULL)
           AND NOT EXISTS (SELECT FROM post q
                            WHERE q.account_id = p.account_id AND q.id <> p.id
                              AND q.state IN ('scheduled', 'publishing') AND q.lease_until > now())) AS oldest_due_age_s,
       (SELECT extract(epoch FROM now() - min(lease_until))::bigint
          FROM post
         WHERE state = 'publishing' AND lease_until < now()
           AND NOT EXISTS (SELECT FROM breaker WHERE opened_at IS NOT NULL)) AS oldest_lease_age_s,
       (SELECT extract(epoch FROM now() - min(next_check_at))::bigint
          FROM post
         WHERE next_check_at < now() AND state IN ('processing', 'published', 'delivered', 'held')
           AND NOT EXISTS (SELECT FROM breaker WHERE opened_at IS NOT NULL)
           AND (lease_until IS NULL OR lease_until < now())) AS oldest_check_age_s,
       (SELECT count(*)
          FROM video
         WHERE missing_at IS NOT NULL AND deleted_at IS NULL) AS missing_videos
