-- retention_audit_events: the record, the oldest first; a row for each event that went
SELECT FROM generate_series(1, audit_prune(now() - make_interval(hours => $1::int), $2::int))
