-- export_lock: one claim of an export at a time, so that those under way can be counted
SELECT pg_advisory_xact_lock(hashtextextended('claim of an export', 0)) IS NULL AS locked
