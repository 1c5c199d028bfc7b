-- retention_upload_days: how many uploads were begun on days that no limit asks about any more
DELETE FROM upload_day
 WHERE (user_id, day) IN (SELECT user_id, day FROM upload_day
                           WHERE day < (now() AT TIME ZONE 'UTC' - make_interval(hours => $1::int))::date
                           LIMIT $2::int)
