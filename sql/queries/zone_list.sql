-- zone_list: the time zones that people may choose
SELECT name
  FROM pg_timezone_names
 WHERE name !~ '^(posix|right)/'
   AND name NOT IN ('Factory', 'localtime', 'posixrules')
 ORDER BY name
