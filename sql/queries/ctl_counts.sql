-- ctl_counts: the size of the whole, and what waits for somebody; $1: days after which a request to erase is late
SELECT (SELECT count(*) FROM app_user) AS users,
       (SELECT count(*) FROM account WHERE state = 'connected') AS accounts_connected,
       (SELECT count(*) FROM account WHERE state = 'reconnect') AS accounts_to_reconnect,
       (SELECT count(*) FROM post WHERE state = 'scheduled') AS posts_scheduled,
       (SELECT count(*) FROM post WHERE state IN ('publishing', 'processing')) AS posts_under_way,
       (SELECT count(*) FROM post WHERE state = 'held') AS posts_held,
       (SELECT count(*) FROM deletion_request WHERE state IN ('grace', 'waiting')) AS deletions_open,
       (SELECT count(*) FROM deletion_request
         WHERE state = 'waiting' AND requested_at < now() - make_interval(days => $1::int)) AS deletions_late,
       (SELECT count(*) FROM support_thread WHERE state = 'open') AS support_open
