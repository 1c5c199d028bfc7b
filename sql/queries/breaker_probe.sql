-- breaker_probe: become the one who tries an open breaker's host now; the next may in $2 seconds
UPDATE breaker
   SET probe_at = now() + make_interval(secs => $2::float8)
 WHERE host = $1 AND opened_at IS NOT NULL AND probe_at <= now()
RETURNING host
