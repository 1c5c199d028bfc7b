-- ctl_retention: when the janitor applied each rule last, and what it removed
SELECT rule, last_at AT TIME ZONE 'UTC' AS last_at, last_count, total, since AT TIME ZONE 'UTC' AS since
  FROM retention_run
 ORDER BY rule
