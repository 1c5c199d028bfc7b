-- erase_consents: what user $1 has agreed to
DELETE FROM policy_consent
 WHERE (user_id, version) IN (SELECT user_id, version FROM policy_consent WHERE user_id = $1::bigint LIMIT $2::int)
