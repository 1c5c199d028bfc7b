-- connect_user_new: whoever connects first becomes a user
INSERT INTO app_user DEFAULT VALUES
RETURNING id
