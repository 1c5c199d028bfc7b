-- audit_chain: both ends of the chain
SELECT position, encode(hash, 'hex') AS hash, pruned_position, encode(pruned_hash, 'hex') AS pruned_hash
  FROM audit_chain
