-- upload_joining: some final uploads that are being joined
SELECT id
  FROM upload
 WHERE kind = 'final'
   AND finished_at IS NULL
   AND expires_at > now()
 ORDER BY created_at, id
 LIMIT $1::int
