-- erase_restored_grace: of erased users $1, made at $2 (microseconds), those who are there again and could take a request back,
-- as a backup of that time has it: it begins at once
UPDATE deletion_request
   SET state = 'waiting', origin = 'restored', grace_until = least(grace_until, now())
  FROM unnest($1::bigint[], $2::bigint[]) AS gone (id, created_us)
  JOIN app_user u ON u.id = gone.id AND (extract(epoch FROM u.created_at) * 1000000)::bigint = gone.created_us
 WHERE deletion_request.user_id = u.id AND deletion_request.state = 'grace'
