-- drop_attach: the dropped file $2 of user $1 is being copied into upload $6
INSERT INTO video_import (user_id, source, address, name, state, total, file_size, file_changed_at, upload_id, attempts)
VALUES ($1::bigint, 'drop', $2, $3, 'running', $4::bigint, $4::bigint,
        'epoch'::timestamptz + $5::bigint * interval '1 microsecond', $6, 1)
    ON CONFLICT (user_id, address) WHERE source = 'drop' AND state <> 'done' DO UPDATE
   SET name = excluded.name,
       state = 'running',
       received = 0,
       total = excluded.total,
       file_size = excluded.file_size,
       file_changed_at = excluded.file_changed_at,
       upload_id = excluded.upload_id,
       attempts = video_import.attempts + 1,
       reason_code = NULL,
       reason_message = NULL,
       ended_at = NULL
RETURNING id
