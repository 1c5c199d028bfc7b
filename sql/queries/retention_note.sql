-- retention_note: the janitor has applied rule $1 and removed $2
INSERT INTO retention_run (rule, last_count, total)
VALUES ($1, $2::bigint, $2::bigint)
    ON CONFLICT (rule) DO UPDATE
   SET last_at = now(), last_count = EXCLUDED.last_count, total = retention_run.total + EXCLUDED.total
RETURNING rule
