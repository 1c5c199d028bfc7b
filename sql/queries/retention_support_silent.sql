-- retention_support_silent: close threads silent $1 hours after an answer, or twelve times as long without one
UPDATE support_thread
   SET state = 'closed',
       closed_at = now()
 WHERE id IN (SELECT id
                FROM support_thread
               WHERE (state = 'answered' AND updated_at < now() - make_interval(hours => $1::int))
                  OR (state = 'open' AND updated_at < now() - make_interval(hours => 12 * $1::int))
               ORDER BY id
               LIMIT $2::int
                 FOR UPDATE)
