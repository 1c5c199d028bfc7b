-- video_repair_drop: forget the repair of the user's video: one that is not done, or whose result is gone
DELETE FROM video_repair r
 USING video v
 WHERE v.id = r.video_id AND v.user_id = $1::bigint AND v.id = $2::bigint AND v.deleted_at IS NULL
   -- what is under way is only given up when asked to
   AND ($3::boolean OR r.state NOT IN ('waiting', 'running'))
   AND (r.state <> 'done'
        OR NOT EXISTS (SELECT FROM video made WHERE made.id = r.result_id AND made.deleted_at IS NULL))
RETURNING r.id
