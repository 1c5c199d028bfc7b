-- inbox_removed: the creator took the app's access away; the tokens are dead already and go here too, and what is kept
-- about the account after $4 days, or at once when TikTok's reason $3 is that the account is gone (2), its owner too
-- young (3) or banned (4). $2: when TikTok said so. Deliveries are repeated for days: one from before the last consent
-- says nothing about its tokens
WITH meant AS (
	SELECT id, state,
	       CASE WHEN $3 IN ('2', '3', '4') THEN now() ELSE now() + make_interval(days => $4::int) END AS erase_after
	  FROM account
	 WHERE open_id = $1 AND connected_at < $2::timestamptz + interval '1 second'
	   -- what a user has disconnected stays theirs, unless TikTok has no such creator any more
	   AND (state IN ('connected', 'reconnect') OR state = 'disconnected' AND $3 IN ('2', '3', '4'))
	   FOR UPDATE),
marked AS (
	UPDATE account
	   SET state = CASE WHEN account.state = 'connected' THEN 'reconnect' ELSE account.state END,
	       state_reason = CASE WHEN account.state = 'connected' THEN 'auth_removed' ELSE account.state_reason END,
	       erase_after = least(account.erase_after, meant.erase_after)
	  FROM meant
	 WHERE account.id = meant.id
	RETURNING account.id, account.user_id, meant.state),
wiped AS (
	DELETE FROM account_token USING marked WHERE account_token.account_id = marked.id
	RETURNING account_id)
-- the tokens first: the end of the record must not be held while waiting for them
INSERT INTO audit_event (event, user_id, account_id, code)
SELECT 'authorization_removed', marked.user_id, marked.id, 'auth_removed'
  FROM marked
  LEFT JOIN wiped ON wiped.account_id = marked.id
 WHERE marked.state = 'connected'
