-- ctl_user_states: how many posts of user $1 stand in which state
SELECT state, count(*) AS posts
  FROM post
 WHERE user_id = $1::bigint
 GROUP BY state
 ORDER BY state
