-- video_checked: checking -> ready or refused; no row means that it is gone or another check has spoken
UPDATE video
   SET state = $3,
       reason_code = $4,
       reason_message = $5,
       container = $6,
       codec = $7,
       audio_codec = $8,
       width = $9::int,
       height = $10::int,
       rotation = $11::int,
       fps_milli = $12::int,
       duration_ms = $13::bigint,
       has_thumbnail = $14::boolean,
       check_lease_until = NULL
 WHERE id = $1::bigint
   AND state = 'checking'
   AND check_attempts = $2::int
   AND deleted_at IS NULL
RETURNING id
