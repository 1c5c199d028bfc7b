-- erase_account_posts: at most $2 posts of account $1 with their attempts
DELETE FROM post
 WHERE id IN (SELECT p.id
                FROM account a
                JOIN post p ON p.account_id = a.id
               WHERE a.id = $1::bigint AND a.erase_after <= now()
               LIMIT $2::int)
