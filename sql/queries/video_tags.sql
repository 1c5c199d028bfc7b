-- video_tags: the user's tags and on how many videos they are, the most used first, at most $2
SELECT t.tag, count(*) AS videos
  FROM video v
  JOIN video_tag t ON t.video_id = v.id
 WHERE v.user_id = $1::bigint AND v.deleted_at IS NULL
 GROUP BY t.tag
 ORDER BY count(*) DESC, t.tag
 LIMIT $2::bigint
