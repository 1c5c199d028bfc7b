-- queue_load: all that a publisher needs to know of a post it has claimed
SELECT p.id, p.user_id, p.account_id, p.state, p.mode, p.caption, p.privacy_level, p.allow_comment, p.allow_duet,
       p.allow_stitch, p.your_brand, p.branded_content, p.is_aigc, p.cover_ms, p.errors, p.unrecorded, p.checks,
       p.publish_id, cardinality(p.public_ids) AS public_id_count,
       ceil(extract(epoch FROM p.next_attempt_at - clock_timestamp()) * 1000)::bigint AS due_in_ms,
       extract(epoch FROM now() - coalesce(p.sent_at, p.created_at))::bigint AS sent_age_s,
       a.state AS account_state, a.open_id, a.username, array_to_string(a.scopes, ',') AS scopes,
       v.file, v.size, v.container, v.duration_ms, v.state AS video_state, v.deleted_at IS NOT NULL AS video_deleted,
       t.id AS attempt_id, t.publish_id AS attempt_publish_id, t.upload_url_sealed, t.bytes_total, t.chunk_size,
       t.chunk_count, t.bytes_acked, t.final_intent_at IS NOT NULL AS final_intent,
       extract(epoch FROM now() - t.intent_at)::bigint AS attempt_age_s
  FROM post p
  JOIN account a ON a.id = p.account_id
  LEFT JOIN video v ON v.id = p.video_id
  LEFT JOIN attempt t ON t.post_id = p.id AND t.closed_at IS NULL
 WHERE p.id = $1::bigint AND p.fence = $2::bigint
