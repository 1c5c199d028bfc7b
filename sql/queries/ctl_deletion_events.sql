-- ctl_deletion_events: what the record says about request $1 of user $2
SELECT e.at AT TIME ZONE 'UTC' AS at, e.program, e.event, e.account_id, e.code, e.log_id, e.operator, e.position,
       encode(e.hash, 'hex') AS hash
  FROM audit_event e
  JOIN deletion_request r ON r.id = $1::bigint
 WHERE (e.event IN ('deletion_requested', 'deletion_begun', 'deletion_undone', 'deletion_done', 'operator_deletions_approve')
        AND e.subject_id = r.id)
    OR (e.event IN ('disconnected', 'account_erased', 'reconnect_to_erase') AND e.user_id = $2::bigint
        AND e.at BETWEEN r.requested_at - interval '1 hour' AND coalesce(r.finished_at, now()))
 ORDER BY e.position
