-- import_ask: have a video fetched from address $2, unless $3 imports of the user are open already
INSERT INTO video_import (user_id, source, address)
SELECT $1::bigint, 'url', $2
 WHERE (SELECT count(*)
          FROM video_import
         WHERE user_id = $1::bigint AND source = 'url' AND state IN ('waiting', 'running')) < $3::bigint
RETURNING id
