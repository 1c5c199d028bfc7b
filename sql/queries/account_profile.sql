-- account_profile: the names that TikTok gives now
UPDATE account
   SET display_name = CASE WHEN $2 <> '' THEN $2 ELSE display_name END,
       username = CASE WHEN $3 <> '' THEN $3 ELSE username END
 WHERE id = $1::bigint AND (display_name <> $2 OR username <> $3)
