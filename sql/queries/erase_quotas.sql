-- erase_quotas: times of calls for accounts of user $1
DELETE FROM quota
 WHERE ctid = ANY (ARRAY(SELECT q.ctid FROM account a JOIN quota q ON q.account_id = a.id
                          WHERE a.user_id = $1::bigint LIMIT $2::int))
