-- schema_version: the newest migration applied to this database
SELECT name
  FROM spg.schema_migration
 ORDER BY name DESC
 LIMIT 1
