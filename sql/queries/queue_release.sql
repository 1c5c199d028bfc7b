-- queue_release: give a claim back unharmed, e.g. when the publisher is told to stop
UPDATE post
   SET lease_until = CASE WHEN state = 'publishing' THEN now() END,
       unrecorded = 0
 WHERE id = $1::bigint AND fence = $2::bigint
RETURNING id
