-- erase_attempts: some attempts at posts of user $1, with the sealed upload addresses
DELETE FROM attempt
 WHERE id IN (SELECT t.id FROM post p JOIN attempt t ON t.post_id = p.id WHERE p.user_id = $1::bigint LIMIT $2::int)
