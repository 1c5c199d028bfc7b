-- quota_take: count one call of kind $2 when fewer than $3 were made in the last minute (sliding window)
WITH used AS (
	SELECT count(*) AS calls
	  FROM quota_use
	 WHERE account_id = $1::bigint AND kind = $2 AND at > clock_timestamp() - interval '60 seconds')
INSERT INTO quota_use (account_id, kind)
SELECT $1::bigint, $2 FROM used WHERE calls < $3::bigint
RETURNING account_id
