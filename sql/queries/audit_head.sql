-- audit_head: the end of the chain
SELECT position, encode(hash, 'hex') AS hash
  FROM audit_chain
