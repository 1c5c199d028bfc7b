-- erase_webhook_events: some of TikTok's messages about accounts and posts of user $1; before these, which name them
DELETE FROM webhook_event
 WHERE id IN (SELECT id FROM (
	SELECT w.id
	  FROM account a
	  JOIN webhook_event w ON w.open_id = a.open_id
	 WHERE a.user_id = $1::bigint
	   AND NOT EXISTS (SELECT FROM account o WHERE o.open_id = a.open_id AND o.user_id <> a.user_id)
	 UNION ALL
	SELECT w.id
	  FROM post p
	  JOIN attempt t ON t.post_id = p.id
	  JOIN webhook_event w ON w.publish_id = t.publish_id
	 WHERE p.user_id = $1::bigint) AS theirs
	 LIMIT $2::int)
