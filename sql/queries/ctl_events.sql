-- ctl_events: the record for the operator, the newest first: of user $1, of kind $2, since $3 or for $4 days (NULL: all), with
-- ids below $5, at most $6
SELECT e.id, e.position, e.at AT TIME ZONE 'UTC' AS at, e.program, e.event, e.user_id, e.account_id, e.post_id,
       e.subject_id, e.code, e.log_id, e.operator,
       CASE WHEN a.short THEN a.address::text ELSE host(a.address) END AS address
  FROM audit_event e
  LEFT JOIN audit_address a ON a.event_id = e.id
 WHERE ($1::bigint IS NULL OR e.user_id = $1::bigint)
   AND ($2::text IS NULL OR e.event = $2::text)
   AND ($3::timestamptz IS NULL OR e.at >= $3::timestamptz)
   AND ($4::int IS NULL OR e.at >= now() - make_interval(days => $4::int))
   AND ($5::bigint IS NULL OR e.id < $5::bigint)
 ORDER BY e.id DESC
 LIMIT $6::bigint
