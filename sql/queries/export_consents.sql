-- export_consents: which texts user $1 has agreed to, after position $2, at most $3
SELECT c.position,
       json_build_object(
         'version', c.version,
         'language', c.language,
         'how', c.how,
         'consented_at', c.consented_at) AS item
  FROM (SELECT row_number() OVER (ORDER BY consented_at, version) AS position, version, language, how, consented_at
          FROM policy_consent
         WHERE user_id = $1::bigint) c
 WHERE c.position > $2::bigint
 ORDER BY 1
 LIMIT $3::int
