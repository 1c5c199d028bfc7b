-- deletion_wipe_tokens: TikTok could not be told in time: the tokens of user $1 go all the same
DELETE FROM account_token
 WHERE account_id IN (SELECT id FROM account WHERE user_id = $1::bigint)
