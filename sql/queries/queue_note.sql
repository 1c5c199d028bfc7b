-- queue_note: what was asked of TikTok and what it answered, for the posts' timelines. $1: an array of {post_id, name,
-- http_status, code, log_id, bytes, message}; a post that is gone meanwhile needs none
INSERT INTO post_event (post_id, kind, name, http_status, code, log_id, bytes, message)
SELECT asked.post_id, 'call', asked.name, asked.http_status, asked.code, asked.log_id, asked.bytes, asked.message
  FROM jsonb_to_recordset($1::jsonb)
    AS asked (post_id bigint, name text, http_status integer, code text, log_id text, bytes bigint, message text)
  JOIN post ON post.id = asked.post_id
