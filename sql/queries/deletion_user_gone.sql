-- deletion_user_gone: the user, and what still hangs on it
DELETE FROM app_user
 WHERE id = $1::bigint
