-- key_addresses_reseal: the same addresses under another key, where the attempt still has what was opened
UPDATE attempt
   SET upload_url_sealed = n.sealed
  FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS n (id, old, sealed)
 WHERE attempt.id = n.id AND attempt.closed_at IS NULL AND attempt.upload_url_sealed = n.old
