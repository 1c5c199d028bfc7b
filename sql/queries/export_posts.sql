-- export_posts: posts of user $1 after position $2, at most $3
SELECT p.id AS position,
       json_build_object(
         'id', p.id::text,
         'account_id', p.account_id::text,
         'video_id', p.video_id::text,
         'mode', p.mode,
         'state', p.state,
         'due_at', p.due_at,
         'time_zone', p.time_zone,
         'caption', p.caption,
         'privacy_level', p.privacy_level,
         'allow_comment', p.allow_comment,
         'allow_duet', p.allow_duet,
         'allow_stitch', p.allow_stitch,
         'your_brand', p.your_brand,
         'branded_content', p.branded_content,
         'is_aigc', p.is_aigc,
         'cover_ms', p.cover_ms,
         'consent_at', p.consent_at,
         'consent', p.consent,
         'reason_code', p.reason_code,
         'reason_message', p.reason_message,
         'remedy_code', p.remedy_code,
         'remedy_message', p.remedy_message,
         'warning_code', p.warning_code,
         'warning_message', p.warning_message,
         'publish_id', p.publish_id,
         'public_ids', p.public_ids,
         'public_url', p.public_url,
         'sent_at', p.sent_at,
         'finished_at', p.finished_at,
         'created_at', p.created_at,
         'updated_at', p.updated_at) AS item
  FROM post p
 WHERE p.user_id = $1::bigint
   AND p.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
