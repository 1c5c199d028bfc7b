-- audit_write_address: one event of the audit trail, and beside it the address $8 that the request came from
WITH event AS (
	INSERT INTO audit_event (event, user_id, account_id, post_id, subject_id, code, log_id)
	VALUES ($1, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6, $7)
	RETURNING id)
INSERT INTO audit_address (event_id, user_id, address)
SELECT event.id, $2::bigint, $8::inet
  FROM event
