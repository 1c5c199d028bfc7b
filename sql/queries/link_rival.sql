-- link_rival: another public post with this caption and no id yet, whose video would be in this one's time (publish/link.h)
SELECT other.id
  FROM post mine
  JOIN post other ON other.account_id = mine.account_id AND other.id <> mine.id
 WHERE mine.id = $1::bigint
   AND other.mode = 'direct' AND other.privacy_level = 'PUBLIC_TO_EVERYONE'
   AND other.state IN ('publishing', 'processing', 'published', 'held') AND other.public_ids = '{}'
   AND left(btrim(other.caption, E' \t\r\n'), 150) = left(btrim(mine.caption, E' \t\r\n'), 150)
   -- TikTok makes the video some minutes after the last byte, so an earlier post can come into this one's time
   AND other.sent_at BETWEEN mine.sent_at - interval '10 minutes'
       AND mine.sent_at + CASE WHEN btrim(mine.caption, E' \t\r\n') = '' THEN interval '10 minutes'
                               ELSE interval '72 hours' END
 LIMIT 1
