-- link_taken: which of these ids are those of other posts of the account
SELECT DISTINCT known.public_id
  FROM post mine
  JOIN post other ON other.account_id = mine.account_id AND other.id <> mine.id
 CROSS JOIN LATERAL unnest(other.public_ids) AS known (public_id)
 WHERE mine.id = $1::bigint AND known.public_id = ANY ($2::text[])
