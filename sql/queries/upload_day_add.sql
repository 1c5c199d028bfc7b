-- upload_day_add: user $1 has begun one more upload today (UTC)
INSERT INTO upload_day (user_id, day, uploads)
VALUES ($1::bigint, (now() AT TIME ZONE 'UTC')::date, 1)
ON CONFLICT (user_id, day) DO UPDATE SET uploads = upload_day.uploads + 1
RETURNING uploads
