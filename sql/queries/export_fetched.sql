-- export_fetched: export $1 is fetched: told once an hour
UPDATE export_request
   SET fetched_at = now()
 WHERE id = $1::bigint
   AND (fetched_at IS NULL OR fetched_at < now() - interval '1 hour')
RETURNING id
