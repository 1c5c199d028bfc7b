-- queue_load: all that a publisher needs to know of the posts it has claimed ($1 ids, $2 fences)
SELECT p.id, p.fence, p.user_id, p.account_id, p.state, p.mode, p.caption, p.privacy_level, p.allow_comment, p.allow_duet,
       p.allow_stitch, p.your_brand, p.branded_content, p.is_aigc, p.cover_ms, p.errors, p.unrecorded, p.checks,
       p.publish_id, cardinality(p.public_ids) AS public_id_count, p.told, p.reason_code, p.warning_code,
       ceil(extract(epoch FROM p.next_attempt_at - clock_timestamp()) * 1000)::bigint AS due_in_ms,
       extract(epoch FROM clock_timestamp() - coalesce(p.late_from, p.due_at))::bigint AS late_s,
       extract(epoch FROM now() - coalesce(p.sent_at, p.created_at))::bigint AS sent_age_s,
       extract(epoch FROM coalesce(p.sent_at, p.created_at))::bigint AS sent_at_unix,
       coalesce(p.prepared_at > greatest(p.next_attempt_at, now()) - interval '5 minutes', false) AS is_prepared,
       c.comment_disabled, c.duet_disabled, c.stitch_disabled, array_to_string(c.privacy_options, ',') AS privacy_options,
       c.max_duration_s, extract(epoch FROM now() - c.asked_at)::bigint AS creator_info_age_s,
       a.state AS account_state, a.open_id, a.username, array_to_string(a.scopes, ',') AS scopes,
       k.version AS token_version, k.access_sealed,
       coalesce(k.access_expires_at > now() + make_interval(secs => least(300, k.access_lifetime_s / 4.0)), false)
           AS is_token_fresh,
       k.refresh_expires_at < least(p.due_at, now() + interval '25 hours') AS refresh_ends_first,
       v.file, v.size, v.container, v.duration_ms, v.state AS video_state, v.deleted_at IS NOT NULL AS video_deleted,
       t.id AS attempt_id, t.publish_id AS attempt_publish_id, t.upload_url_sealed, t.bytes_total, t.chunk_size,
       t.chunk_count, t.bytes_acked, t.final_intent_at IS NOT NULL AS final_intent, t.transfer,
       extract(epoch FROM now() - t.intent_at)::bigint AS attempt_age_s,
       stop.blocked_code, ceil(extract(epoch FROM stop.blocked_until - clock_timestamp()))::bigint AS blocked_s
  FROM unnest($1::bigint[], $2::bigint[]) AS mine (id, fence)
  JOIN post p ON p.id = mine.id AND p.fence = mine.fence
  JOIN account a ON a.id = p.account_id
  LEFT JOIN account_token k ON k.account_id = p.account_id
  LEFT JOIN creator_info c ON c.account_id = p.account_id
  LEFT JOIN video v ON v.id = p.video_id
  LEFT JOIN attempt t ON t.post_id = p.id AND t.closed_at IS NULL
  LEFT JOIN LATERAL (
	-- what TikTok's refusals have taught and will stand at its time: as quota_look has it, but before anything is asked
	SELECT q.blocked_code, q.blocked_until
	  FROM quota q
	 WHERE p.state = 'scheduled' AND q.blocked_until > greatest(clock_timestamp(), p.next_attempt_at)
	   AND q.blocked_code IS DISTINCT FROM p.reason_code
	   AND ((q.account_id = p.account_id
	        AND (q.kind IN ('init', p.mode) OR q.kind = 'active' AND p.mode = 'direct'))
	    OR (q.account_id IS NULL AND q.kind = 'active' AND p.mode = 'direct'
	        AND NOT EXISTS (SELECT FROM attempt
	                         WHERE attempt.account_id = p.account_id AND attempt.mode = 'direct'
	                           AND attempt.intent_at > now() - interval '24 hours')))
	 ORDER BY q.blocked_until DESC
	 LIMIT 1) AS stop ON true
