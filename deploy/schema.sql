-- The schema and the list of its migrations; in the database spg, as superuser, as often as you like
-- (deploy/migrate --roles does).

SET LOCAL client_min_messages = warning;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS spg AUTHORIZATION spg_owner;

CREATE TABLE IF NOT EXISTS spg.schema_migration (
	name       text PRIMARY KEY,
	applied_at timestamptz NOT NULL DEFAULT now(),
	sha256     text NOT NULL);
ALTER TABLE spg.schema_migration OWNER TO spg_owner;
