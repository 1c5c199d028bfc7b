-- key_tokens_reseal: the same tokens under another key, where they still are what was opened: a refresh in between wins
UPDATE account_token
   SET access_sealed = n.access, refresh_sealed = n.refresh
  FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[])
       AS n (account_id, version, old_access, old_refresh, access, refresh)
 WHERE account_token.account_id = n.account_id AND account_token.version = n.version
   AND account_token.access_sealed = n.old_access AND account_token.refresh_sealed = n.old_refresh
