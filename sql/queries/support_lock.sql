-- support_lock: one new message of $1 (a user, a thread, everybody signed out) at a time: they are counted
SELECT pg_advisory_xact_lock(hashtextextended('support of ' || $1, 0)) IS NULL AS locked
