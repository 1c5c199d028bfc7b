-- breaker_read: is the host's breaker open, may somebody try it, and how long ago did its last outage end?
SELECT failures, opened_at IS NOT NULL AS is_open, opened_at IS NOT NULL AND probe_at <= now() AS may_probe,
       coalesce(extract(epoch FROM now() - closed_at)::bigint, -1) AS closed_s
  FROM breaker
 WHERE host = $1
