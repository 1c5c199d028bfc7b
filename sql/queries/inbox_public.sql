-- inbox_public: the post is public now; the id is kept beside those known, and with it the link
WITH added AS (
	UPDATE post
	   SET public_ids = CASE WHEN $3 = ANY (public_ids) THEN public_ids ELSE public_ids || $3 END,
	       public_url = coalesce(public_url, CASE WHEN account.username <> ''
	                    THEN 'https://www.tiktok.com/@' || account.username || '/video/' || $3 END),
	       next_check_at = CASE WHEN post.state = 'published' THEN NULL ELSE now() END,
	       updated_at = now()
	  FROM account
	 WHERE account.id = post.account_id AND post.publish_id = $1 AND account.open_id = $2
	   AND post.state IN ('processing', 'published', 'delivered', 'held')
	RETURNING post.id)
INSERT INTO post_event (post_id, kind, name, message)
SELECT id, 'note', 'public', 'TikTok says that the post is public.' FROM added
