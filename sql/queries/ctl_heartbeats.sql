-- ctl_heartbeats: when each program that cron starts was last there
SELECT program, at AT TIME ZONE 'UTC' AS at, greatest(0, extract(epoch FROM now() - at))::bigint AS age_s
  FROM heartbeat
 ORDER BY program
