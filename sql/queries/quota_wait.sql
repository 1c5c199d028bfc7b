-- quota_wait: seconds until a call of kind $2 is allowed again, when $3 a minute are
SELECT greatest(1, ceil(extract(epoch FROM greatest(
           nullif(blocked_until, '-infinity'),
           (SELECT t FROM unnest(times) AS t ORDER BY t DESC OFFSET $3::bigint - 1 LIMIT 1) + interval '60 seconds')
       - clock_timestamp())))::bigint AS seconds
  FROM quota
 WHERE account_id = $1::bigint AND kind = $2
