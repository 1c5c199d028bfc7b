-- erase_subject_note: whose data request $1 erased, as a keyed hash
INSERT INTO deletion_subject (request_id, open_id_hmac)
VALUES ($1::bigint, $2::bytea)
    ON CONFLICT DO NOTHING
