-- queue_public: the public ids that TikTok names, and the link to the first
UPDATE post
   SET public_ids = $3::text[], public_url = coalesce($4, public_url), updated_at = now()
 WHERE id = $1::bigint AND fence = $2::bigint
RETURNING id
