-- upload_usage: what user $1 has of all that has a limit; a part is counted with the upload it was joined to
WITH under_way AS (
	SELECT length, kind
	  FROM upload
	 WHERE user_id = $1::bigint
	   AND finished_at IS NULL
	   AND joined_at IS NULL
	   AND expires_at > now()),
kept AS (
	-- the file of a refused video is kept only where it can be repaired
	SELECT CASE WHEN state = 'refused' AND NOT repairable THEN 0 ELSE size END AS bytes
	  FROM video
	 WHERE user_id = $1::bigint
	   AND deleted_at IS NULL)
SELECT (SELECT coalesce(sum(bytes), 0) FROM kept)::bigint
       + (SELECT coalesce(sum(length), 0) FROM under_way)::bigint AS bytes,
       (SELECT count(*) FROM kept) + (SELECT count(*) FROM under_way WHERE kind <> 'partial') AS videos,
       (SELECT count(*) FROM under_way) AS unfinished,
       coalesce((SELECT uploads
                   FROM upload_day
                  WHERE user_id = $1::bigint
                    AND day = (now() AT TIME ZONE 'UTC')::date), 0) AS begun_today,
       ceil(extract(epoch FROM date_trunc('day', now() AT TIME ZONE 'UTC') + interval '1 day'
                               - (now() AT TIME ZONE 'UTC')))::bigint AS day_seconds
