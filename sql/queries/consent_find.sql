-- consent_find: whether user $1 has agreed to version $2 of the texts
SELECT user_id
  FROM policy_consent
 WHERE user_id = $1::bigint AND version = $2
