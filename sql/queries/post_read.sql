-- post_read: the user's posts with ids $2, in the order of the ids
SELECT p.id, p.state, p.account_id, p.video_id, p.mode, p.time_zone, p.caption, p.privacy_level, p.allow_comment,
       p.allow_duet, p.allow_stitch, p.your_brand, p.branded_content, p.is_aigc, p.cover_ms,
       p.reason_code, p.reason_message, p.remedy_code, p.remedy_message, p.warning_code, p.warning_message,
       p.warning_remedy_code, p.warning_remedy_message, u.language, p.publish_id, p.public_url,
       array_to_string(p.public_ids, ',') AS public_ids, p.attempts, p.fence,
       t.publish_id IS NOT NULL AS partly_sent,
       p.state = 'held' AND (p.reason_code = 'outcome_unknown' OR t.final_intent_at IS NOT NULL) AS may_be_public,
       a.display_name AS account_name, a.username AS account_username, a.avatar_url AS account_avatar_url,
       a.state AS account_state,
       v.id IS NOT NULL AS has_video, v.name AS video_name, v.state AS video_state,
       v.duration_ms AS video_duration_ms, v.size AS video_size, v.has_thumbnail AS video_has_thumbnail,
       to_char(p.due_at AT TIME ZONE p.time_zone,
               CASE WHEN extract(second FROM p.due_at) < 1 THEN 'YYYY-MM-DD"T"HH24:MI' ELSE 'YYYY-MM-DD"T"HH24:MI:SS' END)
         AS local_time,
       p.due_at AT TIME ZONE 'UTC' AS due_at,
       p.next_attempt_at AT TIME ZONE 'UTC' AS next_attempt_at,
       p.consent_at AT TIME ZONE 'UTC' AS consent_at,
       p.sent_at AT TIME ZONE 'UTC' AS sent_at,
       p.finished_at AT TIME ZONE 'UTC' AS finished_at,
       p.created_at AT TIME ZONE 'UTC' AS created_at,
       p.updated_at AT TIME ZONE 'UTC' AS updated_at,
       to_char(p.due_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS due_at_text,
       to_char(p.next_attempt_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS next_attempt_at_text,
       to_char(p.consent_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS consent_at_text,
       to_char(p.sent_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS sent_at_text,
       to_char(p.finished_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS finished_at_text,
       to_char(p.created_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS created_at_text,
       to_char(p.updated_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS updated_at_text
  FROM unnest($2::bigint[]) WITH ORDINALITY AS wanted (id, position)
  JOIN post p ON p.id = wanted.id AND p.user_id = $1::bigint
  JOIN app_user u ON u.id = p.user_id
  JOIN account a ON a.id = p.account_id
  LEFT JOIN video v ON v.id = p.video_id AND v.deleted_at IS NULL
  LEFT JOIN attempt t ON t.post_id = p.id AND t.closed_at IS NULL
 ORDER BY wanted.position
