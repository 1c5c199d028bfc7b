-- video_change: a new name $3 and new tags $4 for the user's video; NULL: they stay as they are
WITH changed AS (
	UPDATE video
	   SET name = coalesce($3, name)
	 WHERE user_id = $1::bigint AND id = $2::bigint AND deleted_at IS NULL
	RETURNING id),
wanted AS (
	SELECT DISTINCT lower(normalize(tag) COLLATE "und-x-icu") AS tag
	  FROM unnest($4::text[]) AS given (tag)),
removed AS (
	DELETE FROM video_tag
	 USING changed
	 WHERE video_tag.video_id = changed.id
	   AND $4::text[] IS NOT NULL
	   AND NOT EXISTS (SELECT FROM wanted WHERE wanted.tag = video_tag.tag)),
added AS (
	INSERT INTO video_tag (video_id, tag)
	SELECT changed.id, wanted.tag FROM changed, wanted
	    ON CONFLICT (video_id, tag) DO NOTHING)
SELECT id FROM changed
