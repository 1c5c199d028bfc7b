-- erase_post_events: some timeline rows of posts of user $1
DELETE FROM post_event
 WHERE id IN (SELECT e.id FROM post p JOIN post_event e ON e.post_id = p.id WHERE p.user_id = $1::bigint LIMIT $2::int)
