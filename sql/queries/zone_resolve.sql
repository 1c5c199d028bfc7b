-- zone_resolve: the moment of local time $1 in zone $2, and whether a clock change skips or repeats it.
-- The offsets well before and well after give two candidates; PostgreSQL itself says which one reads as $1.
WITH guess AS (
	SELECT $1::timestamp AS wall, $1::timestamp AT TIME ZONE $2::text AS at),
offsets AS (
	SELECT wall,
	       (at - interval '25 hours') AT TIME ZONE $2::text - (at - interval '25 hours') AT TIME ZONE 'UTC' AS before,
	       (at + interval '25 hours') AT TIME ZONE $2::text - (at + interval '25 hours') AT TIME ZONE 'UTC' AS after
	  FROM guess),
candidates AS (
	SELECT wall, (wall - before) AT TIME ZONE 'UTC' AS early, (wall - after) AT TIME ZONE 'UTC' AS late
	  FROM offsets),
checked AS (
	SELECT wall, early, late, early AT TIME ZONE $2::text = wall AS early_fits, late AT TIME ZONE $2::text = wall AS late_fits
	  FROM candidates),
chosen AS (
	SELECT CASE
	       WHEN early_fits AND late_fits THEN least(early, late)
	       WHEN early_fits THEN early
	       WHEN late_fits THEN late
	       ELSE (SELECT min(minute)
	               FROM generate_series(date_trunc('minute', least(early, late)), greatest(early, late)
	                                    + interval '1 minute', interval '1 minute') AS minute
	              WHERE minute AT TIME ZONE $2::text > wall)
	       END AS at,
	       CASE
	       WHEN early_fits AND late_fits AND early <> late THEN 'repeated'
	       WHEN NOT early_fits AND NOT late_fits THEN 'skipped'
	       END AS note
	  FROM checked)
SELECT at AT TIME ZONE 'UTC' AS at, to_char(at AT TIME ZONE $2::text, 'YYYY-MM-DD HH24:MI') || ' ' || $2::text AS at_text, note
  FROM chosen
