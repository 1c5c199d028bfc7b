-- erase_subjects: the TikTok accounts of user $1
SELECT DISTINCT open_id
  FROM account
 WHERE user_id = $1::bigint
 ORDER BY open_id
