-- connect_expected: what people call account $1 of user $2
SELECT CASE WHEN display_name <> '' THEN display_name ELSE username END AS name
  FROM account
 WHERE id = $1::bigint AND user_id = $2::bigint
