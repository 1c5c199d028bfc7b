-- creator_info_store: what TikTok allows account $1 now, and the names it gives
WITH named AS (
	UPDATE account
	   SET display_name = CASE WHEN $7 <> '' THEN $7 ELSE display_name END,
	       username = CASE WHEN $8 <> '' THEN $8 ELSE username END
	 WHERE id = $1::bigint AND (display_name <> $7 OR username <> $8))
INSERT INTO creator_info (account_id, privacy_options, comment_disabled, duet_disabled, stitch_disabled, max_duration_s)
SELECT id, $2::text[], $3::boolean, $4::boolean, $5::boolean, $6::bigint FROM account WHERE id = $1::bigint
    ON CONFLICT (account_id) DO UPDATE
   SET asked_at = now(), privacy_options = excluded.privacy_options, comment_disabled = excluded.comment_disabled,
       duet_disabled = excluded.duet_disabled, stitch_disabled = excluded.stitch_disabled,
       max_duration_s = excluded.max_duration_s
