-- upload_parts_take: the partial uploads $1 of user $2 are joined to a final one, where they are counted from now on
UPDATE upload
   SET joined_at = coalesce(joined_at, now())
 WHERE id = ANY ($1::text[])
   AND user_id = $2::bigint
   AND kind = 'partial'
   AND expires_at > now()
RETURNING id
