-- export_events: the security record of user $1 after position $2, at most $3
SELECT e.id AS position,
       json_build_object(
         'id', e.id::text,
         'at', e.at,
         'program', e.program,
         'event', e.event,
         'account_id', e.account_id::text,
         'post_id', e.post_id::text,
         'subject_id', e.subject_id::text,
         'code', e.code,
         'log_id', e.log_id,
         'address', host(d.address)) AS item
  FROM audit_event e LEFT JOIN audit_address d ON d.event_id = e.id
 WHERE e.user_id = $1::bigint
   AND e.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
