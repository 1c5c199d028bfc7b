-- erase_account_webhooks: at most $2 of TikTok's messages about account $1 and its posts
DELETE FROM webhook_event
 WHERE id IN (SELECT id FROM (
	SELECT w.id
	  FROM account a
	  JOIN webhook_event w ON w.open_id = a.open_id
	 WHERE a.id = $1::bigint AND a.erase_after <= now()
	   AND NOT EXISTS (SELECT FROM account o WHERE o.open_id = a.open_id AND o.id <> a.id)
	 UNION ALL
	SELECT w.id
	  FROM account a
	  JOIN attempt t ON t.account_id = a.id
	  JOIN webhook_event w ON w.publish_id = t.publish_id
	 WHERE a.id = $1::bigint AND a.erase_after <= now()) AS its
	 LIMIT $2::int)
