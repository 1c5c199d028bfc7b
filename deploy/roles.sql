-- Roles and database, made or brought up to date; run as superuser, as often as you like
-- (deploy/migrate --roles does). What a role may do with which table is said by the migrations.

SELECT format('CREATE ROLE %I NOLOGIN', 'spg_owner')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'spg_owner')
\gexec

-- Each program's role has the name of its Unix user (peer authentication, no password). Time-outs:
-- a statement, a lock that is waited for, a transaction that stands still. Connections are bounded
-- per role so that one program cannot take those of the others.
CREATE TEMPORARY TABLE program_role (name text, statement text, lock text, idle text, connections int);
INSERT INTO program_role VALUES
	('spg_oauth_start',    '5s',   '3s', '10s', 12),
	('spg_oauth_callback', '10s',  '3s', '10s', 12),
	('spg_upload',         '10s',  '3s', '10s', 80),
	('spg_dashboard',      '10s',  '3s', '10s', 32),
	('spg_creator',        '10s',  '3s', '10s', 12),
	('spg_deletion',       '10s',  '3s', '10s', 12),
	('spg_privacy',        '5s',   '3s', '10s', 12),
	('spg_pull',           '5s',   '3s', '10s', 12),
	('spg_tiktok_webhook', '5s',   '3s', '10s', 12),
	('spg_importer',       '10s',  '3s', '20s', 12),
	('spg_support',        '10s',  '3s', '10s', 12),
	('spg_exporter',       '60s',  '3s', '20s', 12),
	('spg_mailer',         '10s',  '3s', '20s', 3),
	('spg_ctl',            '60s',  '3s', '20s', 6),
	('spg_publisher',      '30s',  '5s', '20s', 40),
	('spg_janitor',        '120s', '5s', '20s', 6);

SELECT format('CREATE ROLE %I LOGIN', name)
  FROM program_role
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT %s', name, connections),
       format('ALTER ROLE %I SET search_path = spg, pg_temp', name),
       format('ALTER ROLE %I SET statement_timeout = %L', name, statement),
       format('ALTER ROLE %I SET timezone = %L', name, 'UTC'),
       format('ALTER ROLE %I SET lock_timeout = %L', name, lock),
       format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', name, idle),
       -- no caption or address of theirs stands in PostgreSQL's log, however it is set up (B99)
       format('ALTER ROLE %I SET log_error_verbosity = terse', name),
       format('ALTER ROLE %I SET log_parameter_max_length = 0', name),
       format('ALTER ROLE %I SET log_parameter_max_length_on_error = 0', name)
  FROM program_role
\gexec

SELECT 'CREATE DATABASE spg OWNER spg_owner TEMPLATE template0 ENCODING ''UTF8'''
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'spg')
\gexec

REVOKE ALL ON DATABASE spg FROM PUBLIC;
SELECT format('GRANT CONNECT ON DATABASE spg TO %I', name) FROM program_role
\gexec
