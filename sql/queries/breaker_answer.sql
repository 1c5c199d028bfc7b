-- breaker_answer: host $1 answers again. Only an outage of a minute or more is caught up with
UPDATE breaker
   SET closed_at = CASE WHEN opened_at < now() - interval '60 seconds' THEN now() ELSE closed_at END,
       failures = 0, failing_since = NULL, failing_account = NULL, several_accounts = false, opened_at = NULL,
       probe_at = NULL
 WHERE host = $1 AND failures > 0
RETURNING closed_at = now() AS is_end_of_outage
