-- What the publishing engine remembers between two looks: preparation, pre-flight, TikTok's limits, breakers, pull addresses.

SET LOCAL search_path = spg, pg_temp;

ALTER TABLE post
	-- lateness counts from here: NULL is due_at; a limit of TikTok's that puts a post off writes its new time here
	ADD COLUMN late_from              timestamptz,
	-- when everything that can be checked before the second was found in order
	ADD COLUMN prepared_at            timestamptz,
	-- the last webhook about the upload, for when its status can not be asked any more
	ADD COLUMN told                   text,
	-- the next check ahead of time; of a held post: the next look whether its cause is gone
	ADD COLUMN preflight_at           timestamptz,
	-- what would fail if nothing changed, told while there is time to act
	ADD COLUMN warning_code           text,
	ADD COLUMN warning_message        text,
	ADD COLUMN warning_remedy_code    text,
	ADD COLUMN warning_remedy_message text;
CREATE INDEX post_preflight ON post (preflight_at, id) WHERE preflight_at IS NOT NULL;
-- How many posts of an account may be in transfer at once is a setting; claims count under the account's lock (I8).
DROP INDEX post_one_transfer;
-- A lease is taken and given back all the time: no index holds it, so that this touches none, in pages with room for it.
DROP INDEX post_publishing;
DROP INDEX post_leased;
ALTER TABLE post SET (fillfactor = 75);
CREATE INDEX post_in_transfer ON post (account_id) WHERE state = 'publishing';

ALTER TABLE attempt
	ADD COLUMN account_id bigint REFERENCES account ON DELETE CASCADE,
	ADD COLUMN mode       text CHECK (mode IN ('direct', 'draft')),
	ADD COLUMN transfer   text NOT NULL DEFAULT 'file_upload' CHECK (transfer IN ('file_upload', 'pull_from_url')),
	-- of a pull: the hash of the secret in the one address that TikTok may fetch the video from
	ADD COLUMN pull_hash  bytea UNIQUE CHECK (octet_length(pull_hash) = 32);
UPDATE attempt SET account_id = post.account_id, mode = post.mode FROM post WHERE post.id = attempt.post_id;
ALTER TABLE attempt
	ALTER COLUMN account_id SET NOT NULL,
	ALTER COLUMN mode SET NOT NULL,
	ADD CHECK ((transfer = 'pull_from_url') = (pull_hash IS NOT NULL));
-- The ledger of the caps per day counts attempts: by account, and of the whole app.
CREATE INDEX attempt_account_day ON attempt (account_id, intent_at);
CREATE INDEX attempt_day ON attempt (intent_at);

-- TikTok's last word on what an account may post: asked at most five minutes before an init (design 5).
CREATE TABLE creator_info (
	account_id       bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
	asked_at         timestamptz NOT NULL DEFAULT now(),
	privacy_options  text[] NOT NULL,
	comment_disabled boolean NOT NULL,
	duet_disabled    boolean NOT NULL,
	stitch_disabled  boolean NOT NULL,
	max_duration_s   bigint NOT NULL
);

-- The ledger of TikTok's limits (reference 3.10), shared by all programs: a row per account and kind of call, so that one
-- statement counts under the row's lock. Caps per day are counted from attempts.
DROP TABLE quota_use;
CREATE TABLE quota (
	account_id     bigint REFERENCES account ON DELETE CASCADE,  -- NULL: the whole app
	kind           text NOT NULL CHECK (kind IN ('init', 'creator_info', 'status', 'direct', 'draft', 'active')),
	times          timestamptz[] NOT NULL DEFAULT '{}',          -- the calls of the last minute
	-- what TikTok's own refusals have taught: until then no such call is made
	blocked_until  timestamptz NOT NULL DEFAULT '-infinity',
	blocked_code   text,
	UNIQUE NULLS NOT DISTINCT (account_id, kind)
);

-- One breaker per API host, shared by all publishers: open while the host does not answer.
CREATE TABLE breaker (
	host              text PRIMARY KEY,
	failures          integer NOT NULL DEFAULT 0,     -- in a row
	failing_since     timestamptz,
	failing_account   bigint,
	several_accounts  boolean NOT NULL DEFAULT false,
	opened_at         timestamptz,                    -- NULL: closed
	probe_at          timestamptz,                    -- open: when one call may try
	closed_at         timestamptz                     -- the end of the last outage: catching up is spread out
);

GRANT SELECT, INSERT, UPDATE ON creator_info, quota, breaker TO spg_publisher;
GRANT SELECT, INSERT, UPDATE ON quota TO spg_creator;
GRANT SELECT ON breaker TO spg_dashboard;
GRANT UPDATE (late_from, prepared_at, preflight_at, warning_code, warning_message, warning_remedy_code,
              warning_remedy_message)
	ON post TO spg_dashboard, spg_oauth_callback;
GRANT SELECT (late_from) ON post TO spg_oauth_callback;
GRANT UPDATE (preflight_at) ON post TO spg_janitor, spg_deletion;

-- pull: whether an address is open and which file it names; no publish ids, no addresses of uploads, nothing about people
GRANT USAGE ON SCHEMA spg TO spg_pull;
GRANT SELECT ON schema_migration TO spg_pull;
GRANT SELECT (post_id, transfer, pull_hash, intent_at, publish_id_at, final_intent_at, closed_at) ON attempt TO spg_pull;
GRANT SELECT (id, state, video_id) ON post TO spg_pull;
GRANT SELECT (id, state, file, container, deleted_at) ON video TO spg_pull;
