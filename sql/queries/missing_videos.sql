-- missing_videos: at most $2 videos with an id above $1 whose file has to be there; that of a refused one is not needed
SELECT id, user_id, file, missing_at IS NOT NULL AS is_noted
  FROM video
 WHERE id > $1::bigint
   AND deleted_at IS NULL
   AND (state IN ('checking', 'ready') OR missing_at IS NOT NULL)
 ORDER BY id
 LIMIT $2::bigint
