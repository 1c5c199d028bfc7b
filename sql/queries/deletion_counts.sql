-- deletion_counts: what request $1 has erased so far
SELECT kind, removed, bytes
  FROM deletion_count
 WHERE request_id = $1::bigint AND removed > 0
 ORDER BY kind
