-- queue_call: what was asked of TikTok and what it answered, for the post's timeline
INSERT INTO post_event (post_id, kind, name, http_status, code, log_id, bytes, message)
VALUES ($1::bigint, 'call', $2, $3::integer, $4, $5, $6::bigint, $7)
RETURNING id
