-- Privacy: the chained record, consent to policy and terms, erasure with a time to think it over, exports, support.

SET LOCAL search_path = spg, pg_temp;

-- the record ----------------------------------------------------------------------------------------------------------

-- Each event carries a hash over itself and the one before. A program can add to the record and nothing else: position
-- and hash are the trigger's, which runs as the owner. The end of the chain is one row, locked until the event commits,
-- so that programs write their event last.
ALTER TABLE audit_event
	ADD COLUMN position   bigint,
	ADD COLUMN hash       bytea,
	-- what it was about, where that is no user, account or post: the number of an export, erasure, support thread
	ADD COLUMN subject_id bigint,
	-- who ran the operator's tool
	ADD COLUMN operator   text CHECK (operator ~ '^[A-Za-z0-9_.-]{1,32}$');

CREATE TABLE audit_chain (
	single    boolean PRIMARY KEY DEFAULT true CHECK (single),
	position  bigint NOT NULL DEFAULT 0,    -- of the last event
	hash      bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
	-- of the last event that was removed by age: where verifying begins
	pruned_position bigint NOT NULL DEFAULT 0,
	pruned_hash     bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex')
);
INSERT INTO audit_chain DEFAULT VALUES;

-- What the hash is over. Fields are joined by a character that none of them may hold.
CREATE FUNCTION audit_hash(before bytea, e audit_event) RETURNS bytea
	LANGUAGE sql IMMUTABLE SET search_path = spg, pg_temp
RETURN sha256(before || convert_to(concat_ws(E'\x1f', e.position, e.id,
	extract(epoch FROM e.at)::text, e.program, e.event, coalesce(e.user_id::text, '-'),
	coalesce(e.account_id::text, '-'), coalesce(e.post_id::text, '-'), coalesce(e.subject_id::text, '-'),
	coalesce('=' || e.code, '-'), coalesce('=' || e.log_id, '-'), coalesce('=' || e.operator, '-')), 'UTF8'));

CREATE FUNCTION audit_link() RETURNS trigger
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = spg, pg_temp AS $$
DECLARE
	before audit_chain%ROWTYPE;
BEGIN
	SELECT * INTO STRICT before FROM audit_chain FOR UPDATE;
	NEW.at := clock_timestamp();
	-- current_user is the owner in here
	NEW.program := session_user;
	NEW.event := translate(NEW.event, E'\x1f', '');
	NEW.code := translate(NEW.code, E'\x1f', '');
	NEW.log_id := translate(NEW.log_id, E'\x1f', '');
	NEW.position := before.position + 1;
	NEW.hash := audit_hash(before.hash, NEW);
	UPDATE audit_chain SET position = NEW.position, hash = NEW.hash;
	RETURN NEW;
END $$;

-- Events from before the chain become its first links.
DO $$
DECLARE
	e audit_event%ROWTYPE;
	last bytea := decode(repeat('00', 32), 'hex');
	number bigint := 0;
BEGIN
	FOR e IN SELECT * FROM audit_event ORDER BY id LOOP
		number := number + 1;
		e.position := number;
		last := audit_hash(last, e);
		UPDATE audit_event SET position = number, hash = last WHERE id = e.id;
	END LOOP;
	UPDATE audit_chain SET position = number, hash = last;
END $$;
ALTER TABLE audit_event
	ALTER COLUMN position SET NOT NULL,
	ALTER COLUMN hash SET NOT NULL,
	ADD UNIQUE (position);
-- a user's own, the newest first
DROP INDEX audit_event_user;
CREATE INDEX audit_event_user ON audit_event (user_id, id DESC);
CREATE TRIGGER audit_link BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_link();

-- Removes the oldest events, in order, never one younger than a day; the chain goes on from where they ended.
CREATE FUNCTION audit_prune(older_than timestamptz, at_most integer) RETURNS bigint
	LANGUAGE plpgsql SECURITY DEFINER SET search_path = spg, pg_temp AS $$
DECLARE
	last audit_event%ROWTYPE;
	removed bigint;
BEGIN
	PERFORM FROM audit_chain FOR UPDATE;
	SELECT * INTO last FROM (
		SELECT * FROM audit_event ORDER BY position LIMIT at_most) oldest
	 WHERE oldest.at < least(older_than, now() - interval '1 day')
	   -- a clock that went back must not leave a hole
	   AND NOT EXISTS (SELECT FROM audit_event younger
	                    WHERE younger.position < oldest.position
	                      AND younger.at >= least(older_than, now() - interval '1 day'))
	 ORDER BY position DESC LIMIT 1;
	IF NOT FOUND THEN
		RETURN 0;
	END IF;
	DELETE FROM audit_event WHERE position <= last.position;
	GET DIAGNOSTICS removed = ROW_COUNT;
	UPDATE audit_chain SET pruned_position = last.position, pruned_hash = last.hash;
	RETURN removed;
END $$;
REVOKE ALL ON FUNCTION audit_prune(timestamptz, integer), audit_link(), audit_hash(bytea, audit_event) FROM PUBLIC;

-- Where a request came from: apart from the chain, so that it can be shortened after a while and erased with its user.
CREATE TABLE audit_address (
	event_id  bigint PRIMARY KEY REFERENCES audit_event ON DELETE CASCADE,
	user_id   bigint,
	at        timestamptz NOT NULL DEFAULT now(),
	address   inet NOT NULL,
	short     boolean NOT NULL DEFAULT false
);
CREATE INDEX audit_address_user ON audit_address (user_id);
CREATE INDEX audit_address_long ON audit_address (at) WHERE NOT short;

-- consent -------------------------------------------------------------------------------------------------------------

-- Which text a user has agreed to, and when. The version names the operator's own paragraphs too.
CREATE TABLE policy_consent (
	user_id      bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
	version      text NOT NULL CHECK (version ~ '^[0-9A-Za-z.+-]{1,40}$'),
	language     text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'ru')),
	how          text NOT NULL CHECK (how IN ('connect', 'page')),
	consented_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, version)
);

-- NULL: as the site does
ALTER TABLE app_user
	ADD COLUMN keep_posted_days integer CHECK (keep_posted_days BETWEEN 1 AND 3650);

-- erasure -------------------------------------------------------------------------------------------------------------

ALTER TABLE deletion_request
	DROP CONSTRAINT deletion_request_state_check,
	-- grace: nothing is erased yet, and the user can take it back; undone: they did
	ADD CHECK (state IN ('grace', 'waiting', 'done', 'undone')),
	-- who asked: the user; whoever connected the TikTok account anew to prove it; the operator, who has verified it;
	-- TikTok's authorization.removed; a backup that was restored from before an erasure
	ADD COLUMN origin      text NOT NULL DEFAULT 'user'
	           CHECK (origin IN ('user', 'reconnect', 'operator', 'webhook', 'restored')),
	-- NULL: it began at once
	ADD COLUMN grace_until timestamptz,
	ADD COLUMN reason_code text;
DROP INDEX deletion_request_user;
CREATE UNIQUE INDEX deletion_request_user ON deletion_request (user_id) WHERE state IN ('grace', 'waiting');

-- What was erased, in numbers: for the receipt and the act of destruction.
CREATE TABLE deletion_count (
	request_id  bigint NOT NULL REFERENCES deletion_request ON DELETE CASCADE,
	kind        text NOT NULL,      -- of the inventory
	removed     bigint NOT NULL DEFAULT 0,
	bytes       bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (request_id, kind)
);

-- Whose data it was, as a keyed hash: answers a regulator who asks about one TikTok account, and nobody without the key.
CREATE TABLE deletion_subject (
	request_id  bigint NOT NULL REFERENCES deletion_request ON DELETE CASCADE,
	open_id_hmac bytea NOT NULL CHECK (octet_length(open_id_hmac) = 32),
	PRIMARY KEY (request_id, open_id_hmac)
);
CREATE INDEX deletion_subject_hmac ON deletion_subject (open_id_hmac);

-- A sign-in that only proves who somebody is, in order to erase: asks TikTok for the least, and opens such a session.
ALTER TABLE oauth_state
	ADD COLUMN purpose text NOT NULL DEFAULT 'connect' CHECK (purpose IN ('connect', 'erase'));
ALTER TABLE session
	ADD COLUMN purpose text NOT NULL DEFAULT 'all' CHECK (purpose IN ('all', 'erase'));

-- After TikTok said that access was taken away: when what we keep about the account goes.
ALTER TABLE account
	ADD COLUMN erase_after timestamptz,
	-- tries to give access back that found no key to the tokens: they count apart
	ADD COLUMN disconnect_waits integer NOT NULL DEFAULT 0;
CREATE INDEX account_erase ON account (erase_after) WHERE erase_after IS NOT NULL;

-- What a deleted row is looked for in.
CREATE INDEX idempotency_key_post ON idempotency_key (post_id);
CREATE INDEX video_import_video ON video_import (video_id) WHERE video_id IS NOT NULL;
CREATE INDEX video_repair_result ON video_repair (result_id) WHERE result_id IS NOT NULL;
CREATE INDEX video_owner ON video (user_id);
CREATE INDEX oauth_state_user ON oauth_state (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX webhook_event_open_id ON webhook_event (open_id);
CREATE INDEX webhook_event_publish_id ON webhook_event (publish_id) WHERE publish_id IS NOT NULL;

-- exports -------------------------------------------------------------------------------------------------------------

CREATE TABLE export_request (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id       bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
	state         text NOT NULL DEFAULT 'waiting'
	              CHECK (state IN ('waiting', 'running', 'ready', 'failed', 'expired', 'cancelled')),
	with_videos   boolean NOT NULL DEFAULT true,
	percent       integer NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
	-- of the archive, in media_dir/exports: made for one attempt; a file that no row names is removed
	file          text UNIQUE CHECK (file ~ '^[A-Za-z0-9_-]{22}$'),
	size          bigint,
	reason_code   text,
	reason_message text,
	attempts      integer NOT NULL DEFAULT 0,
	lease_until   timestamptz,         -- waiting: not before
	asked_at      timestamptz NOT NULL DEFAULT now(),
	ended_at      timestamptz,
	expires_at    timestamptz,
	fetched_at    timestamptz
);
CREATE INDEX export_request_user ON export_request (user_id, id DESC);
CREATE INDEX export_request_open ON export_request (id) WHERE state IN ('waiting', 'running');
-- One at a time: an archive may be as large as all videos.
CREATE UNIQUE INDEX export_request_one ON export_request (user_id) WHERE state IN ('waiting', 'running', 'ready');

-- support -------------------------------------------------------------------------------------------------------------

CREATE TABLE support_thread (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	-- NULL: written signed out
	user_id     bigint REFERENCES app_user ON DELETE CASCADE,
	-- of the word in the thread's address, which needs no session
	word_hash   bytea NOT NULL UNIQUE CHECK (octet_length(word_hash) = 32),
	kind        text NOT NULL DEFAULT 'question' CHECK (kind IN ('question', 'deletion')),
	-- of kind deletion: the TikTok account that the sender says is theirs
	tiktok_name text NOT NULL DEFAULT '' CHECK (octet_length(tiktok_name) <= 200),
	email       text NOT NULL DEFAULT '' CHECK (octet_length(email) <= 254),
	subject     text NOT NULL DEFAULT '' CHECK (octet_length(subject) <= 600),
	-- of whoever wrote signed out, shortened to /24 or /56: no network may use up what is there for all
	network     inet,
	state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'closed')),
	created_at  timestamptz NOT NULL DEFAULT now(),
	updated_at  timestamptz NOT NULL DEFAULT now(),
	closed_at   timestamptz
);
CREATE INDEX support_thread_user ON support_thread (user_id, id DESC);
CREATE INDEX support_thread_open ON support_thread (id) WHERE state = 'open';
CREATE INDEX support_thread_created ON support_thread (created_at);

CREATE TABLE support_message (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	thread_id    bigint NOT NULL REFERENCES support_thread ON DELETE CASCADE,
	author       text NOT NULL CHECK (author IN ('user', 'operator')),
	body         text NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 20000),
	-- of the form that it came by: a form sent twice is one message
	form_hash    bytea UNIQUE CHECK (octet_length(form_hash) = 32),
	created_at   timestamptz NOT NULL DEFAULT now(),
	-- handed to sendmail, where that is configured
	mailed_at    timestamptz,
	mail_tries   integer NOT NULL DEFAULT 0,
	mail_after   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX support_message_thread ON support_message (thread_id, id);
CREATE INDEX support_message_created ON support_message (created_at);
CREATE INDEX support_message_mail ON support_message (mail_after) WHERE mailed_at IS NULL;

-- What the janitor has removed, for the operator's report.
CREATE TABLE retention_run (
	rule       text PRIMARY KEY,
	last_at    timestamptz NOT NULL DEFAULT now(),
	last_count bigint NOT NULL DEFAULT 0,
	total      bigint NOT NULL DEFAULT 0,
	since      timestamptz NOT NULL DEFAULT now()
);

-- grants --------------------------------------------------------------------------------------------------------------

GRANT USAGE ON SCHEMA spg TO spg_support, spg_exporter, spg_mailer, spg_ctl;
GRANT SELECT ON schema_migration TO spg_support, spg_exporter, spg_mailer, spg_ctl;

-- the record: to add, never to change; the janitor removes by age, through the function alone
REVOKE INSERT ON audit_event FROM spg_oauth_start, spg_oauth_callback, spg_upload, spg_dashboard, spg_creator,
	spg_deletion, spg_tiktok_webhook, spg_publisher, spg_janitor;
REVOKE SELECT, DELETE ON audit_event FROM spg_janitor;
GRANT INSERT (event, user_id, account_id, post_id, subject_id, code, log_id), SELECT (id) ON audit_event
	TO spg_oauth_start, spg_oauth_callback, spg_upload, spg_dashboard, spg_creator, spg_deletion, spg_tiktok_webhook,
	   spg_publisher, spg_janitor, spg_support, spg_exporter;
GRANT INSERT (event, user_id, account_id, post_id, subject_id, code, log_id, operator), SELECT
	ON audit_event TO spg_ctl;
GRANT INSERT (event_id, user_id, address) ON audit_address
	TO spg_oauth_start, spg_oauth_callback, spg_upload, spg_dashboard, spg_creator, spg_deletion, spg_support;
GRANT EXECUTE ON FUNCTION audit_prune(timestamptz, integer) TO spg_janitor;
GRANT EXECUTE ON FUNCTION audit_hash(bytea, audit_event) TO spg_ctl;
GRANT SELECT, UPDATE (address, short), DELETE ON audit_address TO spg_janitor;
GRANT SELECT (position, hash) ON audit_chain TO spg_janitor;
GRANT SELECT ON audit_chain, audit_address TO spg_ctl;
-- the user's own page
GRANT SELECT ON audit_event, audit_address TO spg_dashboard, spg_exporter;

-- consent
GRANT SELECT, INSERT ON policy_consent TO spg_oauth_callback, spg_dashboard;
GRANT SELECT ON policy_consent TO spg_ctl, spg_exporter;
GRANT SELECT, DELETE ON policy_consent TO spg_janitor;
GRANT UPDATE (keep_posted_days) ON app_user TO spg_dashboard;
GRANT DELETE ON session TO spg_dashboard;       -- sign out everywhere

-- erasure
GRANT UPDATE (state, finished_at) ON deletion_request TO spg_deletion;
GRANT UPDATE (erase_after) ON account TO spg_dashboard;
GRANT UPDATE (done_at, detail) ON deletion_step TO spg_deletion;
GRANT SELECT (user_id, state, grace_until) ON deletion_request TO spg_dashboard;
GRANT SELECT (id) ON app_user TO spg_deletion;
GRANT SELECT (next_attempt_at) ON post TO spg_deletion;
GRANT UPDATE (next_attempt_at) ON post TO spg_janitor;
GRANT SELECT, DELETE ON creator_info, quota TO spg_janitor;
GRANT SELECT (account_id) ON attempt TO spg_janitor;
GRANT SELECT, INSERT, UPDATE, DELETE ON deletion_count, deletion_subject TO spg_janitor;
GRANT INSERT ON deletion_request, deletion_step TO spg_janitor;
GRANT SELECT ON deletion_count TO spg_deletion;
GRANT SELECT, INSERT ON deletion_request, deletion_step TO spg_ctl;
GRANT SELECT ON deletion_count, deletion_subject TO spg_ctl;
GRANT SELECT (due_at, reason_code, reason_message) ON post TO spg_deletion;
GRANT INSERT (purpose) ON oauth_state TO spg_oauth_start;

-- exports
GRANT SELECT, INSERT (user_id, with_videos), UPDATE (state, file, lease_until, ended_at, fetched_at)
	ON export_request TO spg_dashboard;
GRANT SELECT, UPDATE (state, percent, file, size, reason_code, reason_message, attempts, lease_until, ended_at, expires_at)
	ON export_request TO spg_exporter;
GRANT SELECT, DELETE ON export_request TO spg_janitor;
GRANT SELECT ON app_user, account, creator_info, video, video_tag, video_repair, video_import, upload, upload_day, post,
	post_event, support_thread, support_message TO spg_exporter;
GRANT SELECT (account_id, access_expires_at, refresh_expires_at, refreshed_at) ON account_token TO spg_exporter;
GRANT SELECT (id, post_id, account_id, intent_at, publish_id, publish_id_at, mode, transfer, bytes_total, bytes_acked,
	      closed_at, outcome) ON attempt TO spg_exporter;
GRANT SELECT (user_id, created_at, last_seen_at, expires_at, purpose) ON session TO spg_exporter;
GRANT SELECT (id, event, open_id, publish_id, public_id, reason, sent_at, received_at) ON webhook_event TO spg_exporter;
GRANT SELECT (id, user_id, state, origin, requested_at, grace_until, finished_at, reason_code)
	ON deletion_request TO spg_exporter;

-- support: takes messages in, shows a thread to whoever has its word or is its user
GRANT SELECT, UPDATE (last_seen_at) ON session TO spg_support;
GRANT SELECT, INSERT, UPDATE (state, updated_at, closed_at) ON support_thread TO spg_support;
GRANT SELECT, INSERT ON support_message TO spg_support;
GRANT SELECT (id, user_id, kind, tiktok_name, email, subject, state, created_at, updated_at, closed_at),
	UPDATE (state, updated_at, closed_at) ON support_thread TO spg_ctl;
GRANT SELECT, INSERT ON support_message TO spg_ctl;
GRANT SELECT (id, user_id, kind, email, subject, tiktok_name) ON support_thread TO spg_mailer;
GRANT SELECT, UPDATE (mailed_at, mail_tries, mail_after) ON support_message TO spg_mailer;
GRANT SELECT, UPDATE (state, closed_at), DELETE ON support_thread TO spg_janitor;
GRANT SELECT, DELETE ON support_message TO spg_janitor;

-- the operator's tool: sees what the operator must, never a token, an upload address or a session
GRANT SELECT ON app_user, account, video, upload, post, post_event, video_import, webhook_event, heartbeat, breaker,
	quota, export_request, retention_run, deletion_request, deletion_step TO spg_ctl;
GRANT SELECT (account_id, access_expires_at, refresh_expires_at, refreshed_at, refresh_lost) ON account_token TO spg_ctl;
GRANT SELECT (id, post_id, account_id, fence, intent_at, publish_id, publish_id_at, mode, transfer, bytes_total,
	      bytes_acked, final_intent_at, closed_at, outcome) ON attempt TO spg_ctl;
GRANT SELECT (user_id, created_at, last_seen_at, expires_at, purpose) ON session TO spg_ctl;

GRANT SELECT, INSERT, UPDATE ON retention_run TO spg_janitor;
