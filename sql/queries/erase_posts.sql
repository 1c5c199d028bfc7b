-- erase_posts: some posts of user $1
DELETE FROM post
 WHERE id IN (SELECT id FROM post WHERE user_id = $1::bigint ORDER BY id LIMIT $2::int)
