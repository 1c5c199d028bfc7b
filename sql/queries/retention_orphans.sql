-- retention_orphans: which of the names $1 belong to no upload, no repair under way and, unless $2, to no video
SELECT o.name
  FROM unnest($1::text[]) AS o (name)
 WHERE NOT EXISTS (SELECT FROM upload u WHERE u.id = o.name)
   AND NOT EXISTS (SELECT FROM video_repair r WHERE r.file = o.name AND r.state IN ('waiting', 'running'))
   AND ($2::boolean OR NOT EXISTS (SELECT FROM video v WHERE v.file = o.name))
