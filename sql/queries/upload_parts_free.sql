-- upload_parts_free: the final upload that the partial uploads $1 of user $2 were joined to is given up
UPDATE upload
   SET joined_at = NULL
 WHERE id = ANY ($1::text[])
   AND user_id = $2::bigint
   AND kind = 'partial'
RETURNING id
