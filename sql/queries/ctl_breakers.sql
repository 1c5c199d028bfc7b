-- ctl_breakers: hosts that do not answer
SELECT host, failures, failing_since AT TIME ZONE 'UTC' AS failing_since, opened_at AT TIME ZONE 'UTC' AS opened_at
  FROM breaker
 WHERE opened_at IS NOT NULL
 ORDER BY host
