-- export_creator_info: what TikTok said last about what accounts may post of user $1 after position $2, at most $3
SELECT c.account_id AS position,
       json_build_object(
         'account_id', c.account_id::text,
         'asked_at', c.asked_at,
         'privacy_options', c.privacy_options,
         'comment_disabled', c.comment_disabled,
         'duet_disabled', c.duet_disabled,
         'stitch_disabled', c.stitch_disabled,
         'max_duration_s', c.max_duration_s) AS item
  FROM creator_info c JOIN account a ON a.id = c.account_id
 WHERE a.user_id = $1::bigint
   AND c.account_id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
