-- ctl_users: users for the operator: the one with id $1, or at most $3 with ids above $2
SELECT u.id, u.created_at AT TIME ZONE 'UTC' AS created_at, u.language, u.time_zone,
       (SELECT max(last_seen_at) AT TIME ZONE 'UTC' FROM session WHERE user_id = u.id) AS last_seen_at,
       (SELECT count(*) FROM account WHERE user_id = u.id AND state <> 'disconnected') AS accounts,
       (SELECT count(*) FROM video WHERE user_id = u.id AND deleted_at IS NULL) AS videos,
       (SELECT count(*) FROM post WHERE user_id = u.id) AS posts,
       (SELECT state FROM deletion_request
         WHERE user_id = u.id AND state IN ('grace', 'waiting')) AS deletion
  FROM app_user u
 WHERE CASE WHEN $1::bigint IS NULL THEN u.id > $2::bigint ELSE u.id = $1::bigint END
 ORDER BY u.id
 LIMIT $3::bigint
