-- retention_audit_events: the audit trail, kept as long as receipts
DELETE FROM audit_event
 WHERE id IN (SELECT id FROM audit_event
               WHERE at < now() - make_interval(hours => $1::int)
               LIMIT $2::int)
