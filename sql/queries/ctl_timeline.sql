-- ctl_timeline: what happened to post $1, at most $2 events, the last ones
SELECT at, kind, name, from_state, code, message, http_status, log_id, bytes
  FROM (SELECT id, at AT TIME ZONE 'UTC' AS at, kind, name, from_state, code, message, http_status, log_id, bytes
          FROM post_event
         WHERE post_id = $1::bigint
         ORDER BY id DESC
         LIMIT $2::bigint) AS latest
 ORDER BY id
