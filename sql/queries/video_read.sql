-- video_read: the user's videos: with id $2, in state $3, with $4 in name or tags, with tag $5, used or not $6,
-- if $7 only those of which there is another copy, sorted by $8, behind the one with id $9, at most $10
SELECT v.id, v.name, v.file, v.state, v.reason_code, v.reason_message, v.container, v.codec, v.audio_codec,
       v.size, v.duration_ms, v.width, v.height, v.rotation, v.fps_milli, v.has_thumbnail, v.sha256, v.fps_variable,
       v.has_location, v.has_device, v.strip_frames, v.repairable, v.missing_at IS NOT NULL AS missing,
       original.id AS repair_of, t.tags, d.duplicates, p.posts, p.scheduled_posts, p.used, p.in_use,
       r.state AS repair_state, r.percent AS repair_percent, made.id AS repair_video_id,
       r.reason_code AS repair_reason_code, r.reason_message AS repair_reason_message,
       p.last_posted_at AT TIME ZONE 'UTC' AS last_posted_at,
       to_char(p.last_posted_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS last_posted_at_text,
       v.created_at AT TIME ZONE 'UTC' AS created_at,
       to_char(v.created_at AT TIME ZONE u.time_zone, 'YYYY-MM-DD HH24:MI') || ' ' || u.time_zone AS created_at_text
  FROM video v
  JOIN app_user u ON u.id = v.user_id
 CROSS JOIN LATERAL (
	SELECT count(*) FILTER (WHERE state <> 'cancelled') AS posts,
	       count(*) FILTER (WHERE state = 'scheduled') AS scheduled_posts,
	       count(*) FILTER (WHERE state IN ('scheduled', 'publishing', 'processing', 'published', 'delivered', 'held')) > 0
	         AS used,
	       count(*) FILTER (WHERE state IN ('scheduled', 'publishing', 'processing')) > 0 AS in_use,
	       max(coalesce(finished_at, sent_at)) FILTER (WHERE state IN ('published', 'delivered')) AS last_posted_at
	  FROM post
	 WHERE video_id = v.id) p
 CROSS JOIN LATERAL (
	SELECT coalesce(string_agg(tag, ',' ORDER BY tag), '') AS tags
	  FROM video_tag
	 WHERE video_id = v.id) t
 CROSS JOIN LATERAL (
	-- a few are enough to be found by; all of very many would cost their square
	SELECT coalesce(string_agg(copy.id::text, ',' ORDER BY copy.id), '') AS duplicates
	  FROM (SELECT id
	          FROM video
	         WHERE user_id = v.user_id AND sha256 = v.sha256 AND id <> v.id AND deleted_at IS NULL
	         ORDER BY id
	         LIMIT 20) copy) d
  LEFT JOIN video_repair r ON r.video_id = v.id
  LEFT JOIN video made ON made.id = r.result_id AND made.deleted_at IS NULL
  LEFT JOIN video original ON original.id = v.repair_of AND original.deleted_at IS NULL
  LEFT JOIN video seen ON seen.id = $9::bigint AND seen.user_id = v.user_id
 WHERE v.user_id = $1::bigint AND v.deleted_at IS NULL
   AND ($2::bigint IS NULL OR v.id = $2::bigint)
   AND ($3::text IS NULL OR v.state = $3::text)
   AND ($4::text IS NULL
        OR strpos(lower(normalize(v.name) COLLATE "und-x-icu"), lower(normalize($4::text) COLLATE "und-x-icu")) > 0
        OR EXISTS (SELECT FROM video_tag
                    WHERE video_id = v.id AND strpos(tag, lower(normalize($4::text) COLLATE "und-x-icu")) > 0))
   AND ($5::text IS NULL
        OR EXISTS (SELECT FROM video_tag
                    WHERE video_id = v.id AND tag = lower(normalize($5::text) COLLATE "und-x-icu")))
   AND ($6::boolean IS NULL OR p.used = $6::boolean)
   AND (NOT $7::boolean OR d.duplicates <> '')
   AND ($9::bigint IS NULL
        OR CASE $8
           WHEN 'largest' THEN (v.size, v.id) < (seen.size, seen.id)
           WHEN 'name' THEN (lower(v.name COLLATE "und-x-icu"), -v.id) > (lower(seen.name COLLATE "und-x-icu"), -seen.id)
           ELSE v.id < $9::bigint END)
 ORDER BY CASE WHEN $8 = 'largest' THEN v.size END DESC,
          CASE WHEN $8 = 'name' THEN lower(v.name COLLATE "und-x-icu") END,
          v.id DESC
 LIMIT $10::bigint
