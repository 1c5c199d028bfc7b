-- heartbeat: this program has run
INSERT INTO heartbeat (program, at)
VALUES ($1, now())
    ON CONFLICT (program) DO UPDATE SET at = now()
