-- support_mail_claim: take the next message to be mailed, of $1 tries at most; others leave it alone for a while
WITH claimed AS (
	UPDATE support_message
	   SET mail_tries = mail_tries + 1,
	       mail_after = now() + interval '2 minutes' * power(2, mail_tries)
	 WHERE id = (SELECT m.id
	               FROM support_message m
	               JOIN support_thread t ON t.id = m.thread_id
	              WHERE m.mailed_at IS NULL
	                AND m.mail_after <= now()
	                AND m.mail_tries < $1::int
	                -- what was written long before mail was set up is no news
	                AND m.created_at > now() - interval '7 days'
	                AND (m.author = 'user' OR t.email <> '')
	              ORDER BY m.mail_after, m.id
	              LIMIT 1
	                FOR UPDATE OF m SKIP LOCKED)
	RETURNING id, thread_id, author, body, mail_tries
)
SELECT c.id, c.thread_id, c.author, c.body, c.mail_tries, t.user_id, t.kind, t.email, t.subject, t.tiktok_name
  FROM claimed c
  JOIN support_thread t ON t.id = c.thread_id
