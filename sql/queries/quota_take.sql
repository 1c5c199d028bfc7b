-- quota_take: count one call of kind $2 when fewer than $3 were made in the last minute and TikTok has not said to wait
INSERT INTO quota (account_id, kind, times)
VALUES ($1::bigint, $2, ARRAY[clock_timestamp()])
    ON CONFLICT (account_id, kind) DO UPDATE
   SET times = ARRAY(SELECT t FROM unnest(quota.times) AS t
                      WHERE t > clock_timestamp() - interval '60 seconds') || clock_timestamp()
 WHERE quota.blocked_until <= clock_timestamp()
   AND (SELECT count(*) FROM unnest(quota.times) AS t
         WHERE t > clock_timestamp() - interval '60 seconds') < $3::bigint
RETURNING account_id
