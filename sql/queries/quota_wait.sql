-- quota_wait: seconds until a call of kind $2 is allowed again, when $3 a minute are
SELECT greatest(1, ceil(extract(epoch FROM at + interval '60 seconds' - clock_timestamp())))::bigint AS seconds
  FROM quota_use
 WHERE account_id = $1::bigint AND kind = $2 AND at > clock_timestamp() - interval '60 seconds'
 ORDER BY at DESC
OFFSET $3::bigint - 1
 LIMIT 1
