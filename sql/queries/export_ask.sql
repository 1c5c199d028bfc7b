-- export_ask: have an archive made for user $1, with videos or not ($2), unless $3 were asked for within a day
INSERT INTO export_request (user_id, with_videos)
SELECT $1::bigint, $2::boolean
 WHERE (SELECT count(*)
          FROM export_request
         WHERE user_id = $1::bigint AND asked_at > now() - interval '1 day') < $3::bigint
RETURNING id
