-- link_taken: which of these ids are those of other posts of the account
SELECT DISTINCT id
  FROM post mine
  JOIN post other ON other.account_id = mine.account_id AND other.id <> mine.id
 CROSS JOIN LATERAL unnest(other.public_ids) AS id
 WHERE mine.id = $1::bigint AND id = ANY ($2::text[])
