-- inbox_private: the post is no longer public (made private, removed or taken down)
INSERT INTO post_event (post_id, kind, name, message)
SELECT post.id, 'note', 'no_longer_public', 'TikTok says that the post is no longer public.'
  FROM post
  JOIN account ON account.id = post.account_id
 WHERE post.publish_id = $1 AND account.open_id = $2
