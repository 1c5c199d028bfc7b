-- drop_fail: the dropped file $2 of user $1 is not taken, and looked at again only in $8 seconds, or when it changes
INSERT INTO video_import (user_id, source, address, name, state, total, file_size, file_changed_at, reason_code,
                          reason_message, next_attempt_at, ended_at)
VALUES ($1::bigint, 'drop', $2, $3, 'failed', $4::bigint, $4::bigint,
        'epoch'::timestamptz + $5::bigint * interval '1 microsecond', $6, $7,
        coalesce(now() + make_interval(secs => $8::double precision), 'infinity'), now())
    ON CONFLICT (user_id, address) WHERE source = 'drop' AND state <> 'done' DO UPDATE
   SET state = 'failed',
       received = 0,
       total = excluded.total,
       file_size = excluded.file_size,
       file_changed_at = excluded.file_changed_at,
       upload_id = NULL,
       reason_code = excluded.reason_code,
       reason_message = excluded.reason_message,
       next_attempt_at = excluded.next_attempt_at,
       ended_at = now()
RETURNING id
