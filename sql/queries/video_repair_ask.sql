-- video_repair_ask: have the user's refused video coded anew, where that helps
INSERT INTO video_repair (video_id)
SELECT id
  FROM video
 WHERE user_id = $1::bigint AND id = $2::bigint AND deleted_at IS NULL
   AND state = 'refused' AND repairable AND missing_at IS NULL
    ON CONFLICT (video_id) DO NOTHING
RETURNING id
