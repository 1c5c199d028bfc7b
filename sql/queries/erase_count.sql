-- erase_count: request $1 has removed $3 more of kind $2, $4 bytes
INSERT INTO deletion_count (request_id, kind, removed, bytes)
VALUES ($1::bigint, $2, $3::bigint, $4::bigint)
    ON CONFLICT (request_id, kind) DO UPDATE
   SET removed = deletion_count.removed + $3::bigint, bytes = deletion_count.bytes + $4::bigint
