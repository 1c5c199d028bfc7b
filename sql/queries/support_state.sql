-- support_state: thread $1 is in state $2 from now on
UPDATE support_thread
   SET state = $2,
       updated_at = now(),
       closed_at = CASE WHEN $2 = 'closed' THEN coalesce(closed_at, now()) END
 WHERE id = $1::bigint
