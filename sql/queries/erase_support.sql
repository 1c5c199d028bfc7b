-- erase_support: some support threads of user $1 with their messages
DELETE FROM support_thread
 WHERE id IN (SELECT id FROM support_thread WHERE user_id = $1::bigint ORDER BY id LIMIT $2::int)
