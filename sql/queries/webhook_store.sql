-- webhook_store: a delivery, unless one like it is there
INSERT INTO webhook_event (dedupe_key, event, open_id, publish_id, public_id, reason, sent_at, state)
VALUES ($1::bytea, $2, $3, $4, $5, $6, to_timestamp($7::float8), $8)
    ON CONFLICT (dedupe_key) DO NOTHING
RETURNING id
