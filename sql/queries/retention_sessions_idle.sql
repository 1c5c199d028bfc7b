-- retention_sessions_idle: sessions not used for $1 hours, the idle time-out included
DELETE FROM session
 WHERE id_hash IN (SELECT id_hash FROM session
                    WHERE last_seen_at < now() - make_interval(hours => $1::int)
                    LIMIT $2::int)
