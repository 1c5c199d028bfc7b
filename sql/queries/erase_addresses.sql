-- erase_addresses: network addresses that the record has of user $1; the events stay, as numbers
DELETE FROM audit_address
 WHERE event_id IN (SELECT event_id FROM audit_address WHERE user_id = $1::bigint LIMIT $2::int)
