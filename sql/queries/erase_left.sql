-- erase_left: how many rows of each table are still about user $1
SELECT 'account' AS name, count(*) AS rows FROM account WHERE user_id = $1::bigint
 UNION ALL
SELECT 'account_token', count(*) FROM account a JOIN account_token t ON t.account_id = a.id WHERE a.user_id = $1::bigint
 UNION ALL
SELECT 'app_user', count(*) FROM app_user WHERE id = $1::bigint
 UNION ALL
SELECT 'attempt', count(*) FROM account a JOIN attempt t ON t.account_id = a.id WHERE a.user_id = $1::bigint
 UNION ALL
SELECT 'audit_address', count(*) FROM audit_address WHERE user_id = $1::bigint
 UNION ALL
SELECT 'creator_info', count(*) FROM account a JOIN creator_info i ON i.account_id = a.id WHERE a.user_id = $1::bigint
 UNION ALL
SELECT 'export_request', count(*) FROM export_request WHERE user_id = $1::bigint
 UNION ALL
SELECT 'file_removal', count(*) FROM video v JOIN file_removal r
       ON r.file IN ('videos/' || v.file, 'frames/' || v.file || '.jpg', 'frames/' || v.file || '.strip.jpg')
 WHERE v.user_id = $1::bigint
 UNION ALL
SELECT 'idempotency_key', count(*) FROM idempotency_key WHERE user_id = $1::bigint
 UNION ALL
SELECT 'oauth_state', count(*) FROM oauth_state WHERE user_id = $1::bigint
 UNION ALL
SELECT 'policy_consent', count(*) FROM policy_consent WHERE user_id = $1::bigint
 UNION ALL
SELECT 'post', count(*) FROM post WHERE user_id = $1::bigint
 UNION ALL
SELECT 'post_event', count(*) FROM post p JOIN post_event e ON e.post_id = p.id WHERE p.user_id = $1::bigint
 UNION ALL
SELECT 'quota', count(*) FROM account a JOIN quota q ON q.account_id = a.id WHERE a.user_id = $1::bigint
 UNION ALL
SELECT 'session', count(*) FROM session WHERE user_id = $1::bigint
 UNION ALL
SELECT 'support_message', count(*) FROM support_thread t JOIN support_message m ON m.thread_id = t.id
 WHERE t.user_id = $1::bigint
 UNION ALL
SELECT 'support_thread', count(*) FROM support_thread WHERE user_id = $1::bigint
 UNION ALL
SELECT 'upload', count(*) FROM upload WHERE user_id = $1::bigint
 UNION ALL
SELECT 'upload_day', count(*) FROM upload_day WHERE user_id = $1::bigint
 UNION ALL
SELECT 'video', count(*) FROM video WHERE user_id = $1::bigint
 UNION ALL
SELECT 'video_import', count(*) FROM video_import WHERE user_id = $1::bigint
 UNION ALL
SELECT 'video_repair', count(*) FROM video v JOIN video_repair r ON r.video_id = v.id WHERE v.user_id = $1::bigint
 UNION ALL
SELECT 'video_tag', count(*) FROM video v JOIN video_tag t ON t.video_id = v.id WHERE v.user_id = $1::bigint
 UNION ALL
-- one that TikTok sends after the account is gone names nobody whom we know, and ages within a day
SELECT 'webhook_event', count(*) FROM webhook_event w
 WHERE w.open_id IN (SELECT a.open_id FROM account a
                      WHERE a.user_id = $1::bigint
                        AND NOT EXISTS (SELECT FROM account o WHERE o.open_id = a.open_id AND o.user_id <> a.user_id))
