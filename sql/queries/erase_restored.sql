-- erase_restored: of erased users $1, made at $2 (microseconds), those who are there again and not asked about yet
SELECT u.id
  FROM unnest($1::bigint[], $2::bigint[]) AS gone (id, created_us)
  JOIN app_user u ON u.id = gone.id AND (extract(epoch FROM u.created_at) * 1000000)::bigint = gone.created_us
 WHERE NOT EXISTS (SELECT FROM deletion_request d WHERE d.user_id = u.id AND d.state = 'waiting')
