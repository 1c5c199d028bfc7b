-- ctl_columns: every column of the schema
SELECT c.relname || '.' || a.attname AS name
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = current_schema()::regnamespace
   AND c.relkind IN ('r', 'p')
   AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY c.relname, a.attnum
