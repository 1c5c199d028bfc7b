-- erase_account_events: at most $2 timeline rows of posts of account $1
DELETE FROM post_event
 WHERE id IN (SELECT e.id
                FROM account a
                JOIN post p ON p.account_id = a.id
                JOIN post_event e ON e.post_id = p.id
               WHERE a.id = $1::bigint AND a.erase_after <= now()
               LIMIT $2::int)
