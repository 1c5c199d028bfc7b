-- drop_forget_user: no import of user $1 goes on
DELETE FROM video_import
 WHERE user_id = $1::bigint
RETURNING id
