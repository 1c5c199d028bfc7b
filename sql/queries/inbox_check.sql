-- inbox_check: TikTok has news of this upload: ask for its status now
UPDATE post
   SET next_check_at = now()
  FROM account
 WHERE account.id = post.account_id AND post.publish_id = $1 AND account.open_id = $2
   AND post.state IN ('processing', 'published', 'delivered', 'held')
RETURNING post.id
