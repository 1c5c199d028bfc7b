-- post_find: ids of the user's posts, newest first: in states $2, of account $3, due from $4 to before $5, below id $6,
-- at most $7, of video $8
SELECT id
  FROM post
 WHERE user_id = $1::bigint
   AND ($2::text[] IS NULL OR state = ANY ($2::text[]))
   AND ($3::bigint IS NULL OR account_id = $3::bigint)
   AND ($4::timestamptz IS NULL OR due_at >= $4::timestamptz)
   AND ($5::timestamptz IS NULL OR due_at < $5::timestamptz)
   AND ($6::bigint IS NULL OR id < $6::bigint)
   AND ($8::bigint IS NULL OR video_id = $8::bigint)
 ORDER BY id DESC
 LIMIT $7::bigint
