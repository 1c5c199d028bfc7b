-- export_videos: videos, deleted ones of the last day too, with their tags of user $1 after position $2, at most $3
SELECT v.id AS position,
       json_build_object(
         'id', v.id::text,
         'name', v.name,
         'size', v.size,
         'sha256', v.sha256,
         'state', v.state,
         'reason_code', v.reason_code,
         'reason_message', v.reason_message,
         'container', v.container,
         'codec', v.codec,
         'audio_codec', v.audio_codec,
         'width', v.width,
         'height', v.height,
         'rotation', v.rotation,
         'fps_milli', v.fps_milli,
         'fps_variable', v.fps_variable,
         'duration_ms', v.duration_ms,
         'has_location', v.has_location,
         'has_device', v.has_device,
         'repairable', v.repairable,
         'repair_of', v.repair_of::text,
         'tags', (SELECT coalesce(json_agg(t.tag ORDER BY t.tag), '[]') FROM video_tag t WHERE t.video_id = v.id),
         'created_at', v.created_at,
         'missing_at', v.missing_at,
         'deleted_at', v.deleted_at) AS item
  FROM video v
 WHERE v.user_id = $1::bigint
   AND v.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
