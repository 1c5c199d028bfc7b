-- key_addresses: sealed upload addresses of live attempts above $1 that another key than $2 has sealed (NULL: all), at most $3
SELECT id, account_id, upload_url_sealed
  FROM attempt
 WHERE id > $1::bigint AND closed_at IS NULL AND upload_url_sealed IS NOT NULL
   AND ($2::text IS NULL OR substr(upload_url_sealed, 5, 8) <> decode($2::text, 'hex'))
 ORDER BY id
 LIMIT $3::bigint
