-- deletion_tokens_revoked: mark it for user $1 once no account can be used any more, and whether TikTok knows
UPDATE deletion_step
   SET done_at = now(),
       detail = CASE WHEN EXISTS (SELECT FROM account a
                                   WHERE a.user_id = $1::bigint AND a.state_reason = 'not_revoked')
                     THEN 'not_confirmed' END
  FROM deletion_request r
 WHERE r.id = deletion_step.request_id
   AND r.user_id = $1::bigint AND r.state = 'waiting'
   AND deletion_step.step = 'tokens_revoked' AND deletion_step.done_at IS NULL
   AND NOT EXISTS (SELECT FROM account a WHERE a.user_id = $1::bigint AND a.state <> 'disconnected')
