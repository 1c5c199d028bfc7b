-- retention_sessions_expired: sessions that ended by age more than $1 hours ago
DELETE FROM session
 WHERE id_hash IN (SELECT id_hash FROM session
                    WHERE expires_at < now() - make_interval(hours => $1::int)
                    LIMIT $2::int)
