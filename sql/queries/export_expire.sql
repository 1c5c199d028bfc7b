-- export_expire: archives whose time is over
UPDATE export_request
   SET state = 'expired',
       file = NULL
 WHERE state = 'ready'
   AND expires_at <= now()
RETURNING id
