-- upload_lock_user: one new upload of a user at a time, so that they can be counted
SELECT pg_advisory_xact_lock(hashtextextended('upload of user ' || $1, 0)) IS NULL AS locked
