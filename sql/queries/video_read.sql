-- video_read: the user's videos, newest first: with id $2, in state $3, older than $4, at most $5
SELECT v.id, v.name, v.file, v.state, v.reason_code, v.reason_message, v.container, v.codec, v.audio_codec,
       v.size, v.duration_ms, v.width, v.height, v.rotation, v.fps_milli, v.has_thumbnail,
       EXISTS (SELECT FROM post p
                WHERE p.video_id = v.id AND p.state IN ('scheduled', 'publishing', 'processing')) AS in_use,
       v.created_at AT TIME ZONE 'UTC' AS created_at,
       to_char(v.created_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS created_at_text
  FROM video v
  JOIN app_user u ON u.id = v.user_id
 WHERE v.user_id = $1::bigint AND v.deleted_at IS NULL
   AND ($2::bigint IS NULL OR v.id = $2::bigint)
   AND ($3::text IS NULL OR v.state = $3::text)
   AND ($4::bigint IS NULL OR v.id < $4::bigint)
 ORDER BY v.id DESC
 LIMIT $5::bigint
