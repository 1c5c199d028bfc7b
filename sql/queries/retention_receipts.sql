-- retention_receipts: erasures that were finished $1 hours ago
DELETE FROM deletion_request
 WHERE id IN (SELECT id FROM deletion_request
               WHERE state = 'done' AND finished_at < now() - make_interval(hours => $1::int)
               LIMIT $2::int)
