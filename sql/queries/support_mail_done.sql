-- support_mail_done: the mail program has taken message $1
UPDATE support_message
   SET mailed_at = now()
 WHERE id = $1::bigint
   AND mailed_at IS NULL
