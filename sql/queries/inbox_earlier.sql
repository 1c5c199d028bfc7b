-- inbox_earlier: news of an upload that the user has given up for another: the timeline tells it
INSERT INTO post_event (post_id, kind, name, code, message)
SELECT attempt.post_id, 'note', 'earlier_upload', $3,
       CASE WHEN $3 = 'post.publish.failed' THEN 'TikTok says that an earlier upload of this post has failed.'
            ELSE 'TikTok says that an earlier upload of this post was published: it may be there twice.' END
  FROM attempt
  JOIN post ON post.id = attempt.post_id
  JOIN account ON account.id = post.account_id
 WHERE attempt.publish_id = $1 AND account.open_id = $2 AND post.publish_id IS DISTINCT FROM $1
