-- export_orphans: those of the file names $1 that no export has
SELECT name
  FROM unnest($1::text[]) AS name
 WHERE NOT EXISTS (SELECT FROM export_request WHERE file = name)
