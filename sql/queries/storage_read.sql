-- storage_read: what the user's videos and uploads take, as the quota counts it, and how many were begun today (UTC)
SELECT v.used_bytes, v.videos, v.checking, v.ready, v.refused, l.uploading_bytes, l.uploading,
       coalesce((SELECT uploads FROM upload_day
                  WHERE user_id = $1::bigint AND day = (now() AT TIME ZONE 'UTC')::date), 0) AS uploads_today
       -- the file of a refused video is kept only where it can be repaired
  FROM (SELECT coalesce(sum(size) FILTER (WHERE state <> 'refused' OR repairable), 0)::bigint AS used_bytes, count(*) AS videos,
               count(*) FILTER (WHERE state = 'checking') AS checking,
               count(*) FILTER (WHERE state = 'ready') AS ready,
               count(*) FILTER (WHERE state = 'refused') AS refused
          FROM video
         WHERE user_id = $1::bigint AND deleted_at IS NULL) v,
       (SELECT coalesce(sum(length), 0)::bigint AS uploading_bytes, count(*) FILTER (WHERE kind <> 'partial') AS uploading
          FROM upload
         WHERE user_id = $1::bigint AND finished_at IS NULL AND joined_at IS NULL AND expires_at > now()) l
