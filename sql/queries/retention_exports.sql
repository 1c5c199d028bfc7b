-- retention_exports: exports that ended long ago
DELETE FROM export_request
 WHERE id IN (SELECT id FROM export_request
               WHERE ended_at < now() - make_interval(hours => $1::int)
                 AND state IN ('failed', 'expired', 'cancelled')
               LIMIT $2::int)
