-- pull_find: the video behind a pull address. No row: the address is dead, or never was. recorded: publish_id (it stands
-- whenever publish_id_at does) and final intent are durable, so that bytes may leave (I1, I3)
SELECT v.file, v.container,
       t.publish_id_at IS NOT NULL AND t.final_intent_at IS NOT NULL AS recorded
  FROM attempt t
  JOIN post p ON p.id = t.post_id AND p.state IN ('publishing', 'processing')
  JOIN video v ON v.id = p.video_id AND v.state = 'ready' AND v.deleted_at IS NULL
 WHERE t.pull_hash = $1::bytea AND t.transfer = 'pull_from_url' AND t.closed_at IS NULL
   AND t.intent_at > now() - make_interval(mins => $2::integer)
