-- inbox_done: taken; one that matched nothing is looked at again for ten minutes, then ignored
UPDATE webhook_event
   SET state = CASE WHEN $2::boolean THEN 'done'
                    WHEN received_at < now() - interval '10 minutes' THEN 'ignored'
                    ELSE 'new' END,
       handled_at = now(), tries = tries + 1
 WHERE id = $1::bigint
RETURNING id
