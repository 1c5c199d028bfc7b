-- upload_parts_delete: the partial uploads $1 of user $2 have become a video
DELETE FROM upload
 WHERE id = ANY ($1::text[])
   AND user_id = $2::bigint
   AND kind = 'partial'
RETURNING id
