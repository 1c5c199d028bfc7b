-- erase_account_row: account $1 itself with tokens, counters and what TikTok said it may post
DELETE FROM account
 WHERE id = $1::bigint AND erase_after <= now() AND state IN ('reconnect', 'disconnected')
