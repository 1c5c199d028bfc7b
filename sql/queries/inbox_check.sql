-- inbox_check: TikTok has news ($3) of this upload: ask for its status now, and keep the word should there be none. A held post is woken only by news of an upload
-- whose end is not known; one that waits for its user for another reason stays so
UPDATE post
   SET next_check_at = now(), told = $3
  FROM account
 WHERE account.id = post.account_id AND post.publish_id = $1 AND account.open_id = $2
   AND (post.state IN ('processing', 'published', 'delivered')
        OR post.state = 'held' AND EXISTS (SELECT FROM attempt t
                                            WHERE t.post_id = post.id AND t.publish_id = $1 AND t.closed_at IS NULL))
RETURNING post.id
