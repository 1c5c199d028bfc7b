-- retention_support: conversations with support that were closed $1 hours ago, with their messages
DELETE FROM support_thread
 WHERE id IN (SELECT id FROM support_thread
               WHERE state = 'closed' AND closed_at < now() - make_interval(hours => $1::int)
               LIMIT $2::int)
