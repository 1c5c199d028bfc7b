-- retention_receipts: erasures that were finished or taken back $1 hours ago
DELETE FROM deletion_request
 WHERE id IN (SELECT id FROM deletion_request
               WHERE state IN ('done', 'undone') AND finished_at < now() - make_interval(hours => $1::int)
               LIMIT $2::int)
