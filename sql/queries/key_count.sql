-- key_count: how many boxes of which kind each key has sealed; those of ended attempts are of no use any more
SELECT encode(substr(box, 5, 8), 'hex') AS key_id, kind, count(*) AS boxes
  FROM (SELECT 'access_tokens' AS kind, access_sealed AS box FROM account_token
        UNION ALL
        SELECT 'refresh_tokens', refresh_sealed FROM account_token
        UNION ALL
        SELECT 'upload_addresses', upload_url_sealed
          FROM attempt
         WHERE closed_at IS NULL AND upload_url_sealed IS NOT NULL) AS boxes
 GROUP BY 1, 2
 ORDER BY 1, 2
