-- audit_write: one event of the audit trail
INSERT INTO audit_event (event, user_id, account_id, post_id, subject_id, code, log_id)
VALUES ($1, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6, $7)
