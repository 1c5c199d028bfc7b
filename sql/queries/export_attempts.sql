-- export_attempts: tries to send posts to TikTok of user $1 after position $2, at most $3
SELECT t.id AS position,
       json_build_object(
         'id', t.id::text,
         'post_id', t.post_id::text,
         'account_id', t.account_id::text,
         'mode', t.mode,
         'transfer', t.transfer,
         'intent_at', t.intent_at,
         'publish_id', t.publish_id,
         'publish_id_at', t.publish_id_at,
         'bytes_total', t.bytes_total,
         'bytes_acked', t.bytes_acked,
         'closed_at', t.closed_at,
         'outcome', t.outcome) AS item
  FROM attempt t JOIN post p ON p.id = t.post_id
 WHERE p.user_id = $1::bigint
   AND t.id > $2::bigint
 ORDER BY 1
 LIMIT $3::int
