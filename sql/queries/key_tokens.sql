-- key_tokens: sealed pairs of accounts above $1 that another key than $2 has sealed (NULL: all), at most $3
SELECT account_id, version, access_sealed, refresh_sealed
  FROM account_token
 WHERE account_id > $1::bigint
   AND ($2::text IS NULL
        OR substr(access_sealed, 5, 8) <> decode($2::text, 'hex')
        OR substr(refresh_sealed, 5, 8) <> decode($2::text, 'hex'))
 ORDER BY account_id
 LIMIT $3::bigint
