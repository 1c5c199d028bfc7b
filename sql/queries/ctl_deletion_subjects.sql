-- ctl_deletion_subjects: the keyed hashes of the TikTok accounts that request $1 erased
SELECT encode(open_id_hmac, 'hex') AS hash
  FROM deletion_subject
 WHERE request_id = $1::bigint
 ORDER BY open_id_hmac
