-- retention_addresses: addresses of the record older than $1 hours become the network they are of; $2 at most
UPDATE audit_address
   SET address = network(set_masklen(address, CASE family(address) WHEN 4 THEN 24 ELSE 48 END)), short = true
 WHERE event_id IN (SELECT event_id
                      FROM audit_address
                     WHERE NOT short AND at < now() - make_interval(hours => $1::int)
                     ORDER BY at
                     LIMIT $2::int)
