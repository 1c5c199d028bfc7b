-- erase_creator_info: what TikTok said accounts of user $1 may post
DELETE FROM creator_info
 WHERE account_id IN (SELECT i.account_id FROM account a JOIN creator_info i ON i.account_id = a.id
                       WHERE a.user_id = $1::bigint LIMIT $2::int)
