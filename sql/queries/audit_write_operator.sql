-- audit_write_operator: one event of the audit trail, done by the operator $8
INSERT INTO audit_event (event, user_id, account_id, post_id, subject_id, code, log_id, operator)
VALUES ($1, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6, $7, $8)
