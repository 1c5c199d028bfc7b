-- audit_stray: an event that stands outside the chain; its ends and the events are of one moment
SELECT e.position
  FROM audit_event e, audit_chain c
 WHERE e.position > c.position OR e.position <= c.pruned_position
 ORDER BY e.position
 LIMIT 1
