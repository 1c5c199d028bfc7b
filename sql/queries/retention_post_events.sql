-- retention_post_events: timeline rows of posts that ended more than $1 hours ago
DELETE FROM post_event
 WHERE id IN (SELECT e.id
                FROM post_event e
                JOIN post p ON p.id = e.post_id
               WHERE e.at < now() - make_interval(hours => $1::int)
                 AND p.state IN ('published', 'delivered', 'failed', 'cancelled')
                 AND coalesce(p.finished_at, p.updated_at) < now() - make_interval(hours => $1::int)
               LIMIT $2::int)
