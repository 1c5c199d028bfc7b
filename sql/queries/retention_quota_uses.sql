-- retention_quota_uses: calls that no limit counts any more
DELETE FROM quota_use
 WHERE ctid = ANY (ARRAY(SELECT ctid FROM quota_use
                          WHERE at < now() - make_interval(hours => $1::int)
                          LIMIT $2::int))
