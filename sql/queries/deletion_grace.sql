-- deletion_grace: until when user $1 can take the erasure of everything back; no row: it was not asked for
SELECT to_char(grace_until AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' AS grace_until_text
  FROM deletion_request
 WHERE user_id = $1::bigint AND state = 'grace'
