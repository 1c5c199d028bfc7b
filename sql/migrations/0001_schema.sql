-- The schema: invariants live here, transitions in sql/queries, procedure in C.
-- Each program has its own role (0002_grants.sql); spg_owner owns everything and never logs in at run time.

SET LOCAL search_path = spg, pg_temp;

CREATE TABLE app_user (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	created_at  timestamptz NOT NULL DEFAULT now(),
	time_zone   text NOT NULL DEFAULT 'UTC',
	language    text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'ru'))
);

-- Session ids are stored as hashes: a dump holds no usable one.
CREATE TABLE session (
	id_hash       bytea PRIMARY KEY CHECK (octet_length(id_hash) = 32),
	user_id       bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
	created_at    timestamptz NOT NULL DEFAULT now(),
	last_seen_at  timestamptz NOT NULL DEFAULT now(),
	expires_at    timestamptz NOT NULL
);
CREATE INDEX session_by_user ON session (user_id);
CREATE INDEX session_expiry ON session (expires_at);

-- A sign-in under way: bound to the browser by the hash of its cookie, used once.
CREATE TABLE oauth_state (
	state_hash    bytea PRIMARY KEY CHECK (octet_length(state_hash) = 32),
	browser_hash  bytea NOT NULL CHECK (octet_length(browser_hash) = 32),
	user_id       bigint REFERENCES app_user ON DELETE CASCADE,
	account_id    bigint,
	return_path   text NOT NULL DEFAULT '/',
	code_verifier text,
	created_at    timestamptz NOT NULL DEFAULT now(),
	expires_at    timestamptz NOT NULL DEFAULT now() + interval '10 minutes',
	used_at       timestamptz
);
CREATE INDEX oauth_state_expiry ON oauth_state (expires_at);

CREATE TABLE account (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id       bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
	open_id       text NOT NULL,
	display_name  text NOT NULL DEFAULT '',
	username      text NOT NULL DEFAULT '',
	avatar_url    text NOT NULL DEFAULT '',
	scopes        text[] NOT NULL DEFAULT '{}',
	state         text NOT NULL DEFAULT 'connected'
	              CHECK (state IN ('connected', 'reconnect', 'disconnecting', 'disconnected')),
	state_reason  text,
	disconnect_tries integer NOT NULL DEFAULT 0,
	disconnect_after timestamptz NOT NULL DEFAULT '-infinity',
	connected_at  timestamptz NOT NULL DEFAULT now(),
	created_at    timestamptz NOT NULL DEFAULT now()
);
-- One user per TikTok account, as long as it is connected.
CREATE UNIQUE INDEX account_open_id ON account (open_id) WHERE state <> 'disconnected';
CREATE INDEX account_user ON account (user_id);

-- Apart from account, so that a role can see an account without being able to select a sealed token.
CREATE TABLE account_token (
	account_id          bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
	version             bigint NOT NULL,
	access_sealed       bytea NOT NULL,
	refresh_sealed      bytea NOT NULL,
	access_expires_at   timestamptz NOT NULL,
	access_lifetime_s   bigint NOT NULL DEFAULT 7200,
	refresh_expires_at  timestamptz NOT NULL,
	refreshed_at        timestamptz NOT NULL DEFAULT now(),
	-- one refresh at a time: whoever holds the lease may use the refresh token
	refresh_fence       bigint NOT NULL DEFAULT 0,
	refresh_lease_until timestamptz,
	refresh_lost        integer NOT NULL DEFAULT 0,
	refresh_after       timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX account_token_access_expiry ON account_token (access_expires_at);

-- An upload under way. Its bytes and offset are the part file's; this row says whose it is.
CREATE TABLE upload (
	id           text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9_-]{22}$'),
	user_id      bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
	length       bigint NOT NULL CHECK (length BETWEEN 0 AND 4000000000),
	name         text NOT NULL DEFAULT '',
	created_at   timestamptz NOT NULL DEFAULT now(),
	expires_at   timestamptz NOT NULL,
	finished_at  timestamptz,
	video_id     bigint
);
CREATE INDEX upload_user ON upload (user_id);
CREATE INDEX upload_expiry ON upload (expires_at) WHERE finished_at IS NULL;

CREATE TABLE video (
	id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id         bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
	file            text NOT NULL UNIQUE CHECK (file ~ '^[A-Za-z0-9_-]{22}$'),
	name            text NOT NULL DEFAULT '',
	size            bigint NOT NULL CHECK (size BETWEEN 0 AND 4000000000),
	state           text NOT NULL DEFAULT 'checking' CHECK (state IN ('checking', 'ready', 'refused')),
	reason_code     text,
	reason_message  text,
	container       text,
	codec           text,
	audio_codec     text,
	width           integer,
	height          integer,
	rotation        integer,
	fps_milli       integer,
	duration_ms     bigint,
	has_thumbnail   boolean NOT NULL DEFAULT false,
	check_attempts  integer NOT NULL DEFAULT 0,
	check_lease_until timestamptz,
	created_at      timestamptz NOT NULL DEFAULT now(),
	deleted_at      timestamptz
);
CREATE INDEX video_user ON video (user_id, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX video_checking ON video (id) WHERE state = 'checking' AND deleted_at IS NULL;

-- Files that no row needs any more; the janitor removes them and then the row.
CREATE TABLE file_removal (
	file      text PRIMARY KEY,
	asked_at  timestamptz NOT NULL DEFAULT now()
);

CREATE SEQUENCE post_fence;

CREATE TABLE post (
	id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id          bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
	account_id       bigint NOT NULL REFERENCES account ON DELETE CASCADE,
	video_id         bigint REFERENCES video ON DELETE SET NULL,
	mode             text NOT NULL CHECK (mode IN ('direct', 'draft')),
	state            text NOT NULL CHECK (state IN ('draft', 'scheduled', 'publishing', 'processing',
	                 'published', 'delivered', 'failed', 'held', 'cancelled')),
	due_at           timestamptz,
	time_zone        text NOT NULL DEFAULT 'UTC',
	caption          text NOT NULL DEFAULT '',
	privacy_level    text,
	allow_comment    boolean NOT NULL DEFAULT false,
	allow_duet       boolean NOT NULL DEFAULT false,
	allow_stitch     boolean NOT NULL DEFAULT false,
	your_brand       boolean NOT NULL DEFAULT false,
	branded_content  boolean NOT NULL DEFAULT false,
	is_aigc          boolean NOT NULL DEFAULT false,
	cover_ms         bigint NOT NULL DEFAULT 0 CHECK (cover_ms BETWEEN 0 AND 600000),
	consent_at       timestamptz,
	consent          jsonb,

	-- why it stands where it stands, and what helps
	reason_code      text,
	reason_message   text,
	remedy_code      text,
	remedy_message   text,

	-- the queue: due_at, or later when it waits (quota, outage)
	next_attempt_at  timestamptz,
	fence            bigint NOT NULL DEFAULT 0,
	lease_until      timestamptz,
	attempts         integer NOT NULL DEFAULT 0,    -- claims for sending
	errors           integer NOT NULL DEFAULT 0,    -- tries that ended with an error of the other side
	unrecorded       integer NOT NULL DEFAULT 0,    -- claims since the last recorded outcome: a crash loop shows here

	-- what TikTok said
	publish_id       text,
	public_ids       text[] NOT NULL DEFAULT '{}',
	public_url       text,
	next_check_at    timestamptz,
	checks           integer NOT NULL DEFAULT 0,
	sent_at          timestamptz,
	finished_at      timestamptz,

	created_at       timestamptz NOT NULL DEFAULT now(),
	updated_at       timestamptz NOT NULL DEFAULT now(),

	CHECK (state NOT IN ('scheduled', 'publishing') OR (due_at IS NOT NULL AND next_attempt_at IS NOT NULL)),
	CHECK (state NOT IN ('scheduled', 'publishing', 'processing') OR consent_at IS NOT NULL),
	CHECK (state <> 'processing' OR (publish_id IS NOT NULL AND next_check_at IS NOT NULL)),
	CHECK (state NOT IN ('held', 'failed') OR reason_code IS NOT NULL)
);
CREATE INDEX post_due ON post (next_attempt_at, id) WHERE state = 'scheduled';
CREATE INDEX post_publishing ON post (lease_until) WHERE state = 'publishing';
CREATE INDEX post_leased ON post (account_id) WHERE lease_until IS NOT NULL;
CREATE INDEX post_checks ON post (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX post_user ON post (user_id, id DESC);
CREATE INDEX post_account ON post (account_id);
CREATE INDEX post_video ON post (video_id);
CREATE INDEX post_publish_id ON post (publish_id) WHERE publish_id IS NOT NULL;
-- One post of an account in transfer at a time keeps order and budgets (I8).
CREATE UNIQUE INDEX post_one_transfer ON post (account_id) WHERE state = 'publishing';

-- One init with its publish_id and upload address. At most one live attempt per post (I2).
CREATE TABLE attempt (
	id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	post_id           bigint NOT NULL REFERENCES post ON DELETE CASCADE,
	fence             bigint NOT NULL,
	intent_at         timestamptz NOT NULL DEFAULT now(),
	publish_id        text,
	publish_id_at     timestamptz,
	upload_url_sealed bytea,
	bytes_total       bigint NOT NULL,
	chunk_size        bigint NOT NULL,
	chunk_count       bigint NOT NULL,
	bytes_acked       bigint NOT NULL DEFAULT 0,
	final_intent_at   timestamptz,
	closed_at         timestamptz,
	outcome           text,
	CHECK ((publish_id IS NULL) = (publish_id_at IS NULL)),
	CHECK (publish_id IS NOT NULL OR (bytes_acked = 0 AND final_intent_at IS NULL))
);
CREATE UNIQUE INDEX attempt_live ON attempt (post_id) WHERE closed_at IS NULL;
CREATE INDEX attempt_post ON attempt (post_id);
CREATE UNIQUE INDEX attempt_publish_id ON attempt (publish_id) WHERE publish_id IS NOT NULL;

-- The post's timeline: every change of state and every call to TikTok, without secrets.
CREATE TABLE post_event (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	post_id      bigint NOT NULL REFERENCES post ON DELETE CASCADE,
	at           timestamptz NOT NULL DEFAULT clock_timestamp(),
	kind         text NOT NULL CHECK (kind IN ('state', 'call', 'note')),
	name         text NOT NULL,
	from_state   text,
	code         text,
	message      text,
	http_status  integer,
	log_id       text,
	bytes        bigint
);
CREATE INDEX post_event_post ON post_event (post_id, id);

CREATE TABLE idempotency_key (
	user_id      bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
	key_hash     bytea NOT NULL,
	body_hash    bytea NOT NULL,
	post_id      bigint NOT NULL REFERENCES post ON DELETE CASCADE,
	created_at   timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, key_hash)
);

-- Calls counted against TikTok's limits per token, shared by all publishers (reference 3.10).
CREATE TABLE quota_use (
	account_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
	kind        text NOT NULL CHECK (kind IN ('init', 'creator_info', 'status')),
	at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX quota_use_window ON quota_use (account_id, kind, at);
CREATE INDEX quota_use_at ON quota_use (at);

-- Verified webhook deliveries, stored once; the publisher gives them effect.
CREATE TABLE webhook_event (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	dedupe_key   bytea NOT NULL UNIQUE,
	event        text NOT NULL,
	open_id      text NOT NULL DEFAULT '',
	publish_id   text,
	public_id    text,
	reason       text,
	sent_at      timestamptz,
	received_at  timestamptz NOT NULL DEFAULT now(),
	state        text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'done', 'ignored')),
	handled_at   timestamptz,
	tries        integer NOT NULL DEFAULT 0
);
CREATE INDEX webhook_event_new ON webhook_event (id) WHERE state = 'new';
CREATE INDEX webhook_event_received ON webhook_event (received_at);

-- A request to erase a user. It outlives the user: the receipt page proves completion.
CREATE TABLE deletion_request (
	id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	receipt_hash  bytea NOT NULL UNIQUE CHECK (octet_length(receipt_hash) = 32),
	user_id       bigint,
	state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done')),
	requested_at  timestamptz NOT NULL DEFAULT now(),
	finished_at   timestamptz
);
CREATE UNIQUE INDEX deletion_request_user ON deletion_request (user_id) WHERE state = 'waiting';

CREATE TABLE deletion_step (
	request_id  bigint NOT NULL REFERENCES deletion_request ON DELETE CASCADE,
	step        text NOT NULL,
	position    integer NOT NULL,
	done_at     timestamptz,
	detail      text,
	PRIMARY KEY (request_id, step)
);

CREATE TABLE heartbeat (
	program  text PRIMARY KEY,
	at       timestamptz NOT NULL DEFAULT now()
);

-- Append-only by grants (B101): numbers and codes, no names, captions or addresses.
CREATE TABLE audit_event (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at          timestamptz NOT NULL DEFAULT clock_timestamp(),
	program     text NOT NULL DEFAULT current_user,
	event       text NOT NULL,
	user_id     bigint,
	account_id  bigint,
	post_id     bigint,
	code        text,
	log_id      text
);
CREATE INDEX audit_event_user ON audit_event (user_id);
CREATE INDEX audit_event_at ON audit_event (at);
