-- The upload path and the media library: partial uploads and their joining, tags, hashes, repairs, imports, quotas.

SET LOCAL search_path = spg, pg_temp;

-- uploads -------------------------------------------------------------------------------------------------------------

ALTER TABLE upload
	-- tus Upload-Concat: a partial upload never becomes a video; a final one is joined from partial ones
	ADD COLUMN kind       text NOT NULL DEFAULT 'whole' CHECK (kind IN ('whole', 'partial', 'final')),
	-- of a partial upload that a final one has taken over: its bytes are counted there
	ADD COLUMN joined_at  timestamptz,
	-- where the bytes come from: the browser, an address, a drop folder, a repair
	ADD COLUMN source     text NOT NULL DEFAULT 'tus' CHECK (source IN ('tus', 'url', 'drop', 'repair'));
COMMENT ON COLUMN upload.length IS 'bytes; the most it may become while its length is not known';
CREATE INDEX upload_joining ON upload (created_at) WHERE kind = 'final' AND finished_at IS NULL;

-- How many uploads a user has begun on a day (UTC), given up ones included.
CREATE TABLE upload_day (
	user_id  bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
	day      date NOT NULL,
	uploads  integer NOT NULL,
	PRIMARY KEY (user_id, day)
);

-- videos --------------------------------------------------------------------------------------------------------------

ALTER TABLE video
	-- hexadecimal; NULL until the file has been read once from end to end
	ADD COLUMN sha256        text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
	ADD COLUMN hash_lease_until timestamptz,
	ADD COLUMN fps_variable  boolean NOT NULL DEFAULT false,
	ADD COLUMN has_location  boolean NOT NULL DEFAULT false,
	ADD COLUMN has_device    boolean NOT NULL DEFAULT false,
	-- frames in frames/FILE.strip.jpg, side by side, at equal distances in time; 0: there is no strip
	ADD COLUMN strip_frames  integer NOT NULL DEFAULT 0 CHECK (strip_frames BETWEEN 0 AND 32),
	-- refused for something that coding it anew would mend; such a file is kept for a while
	ADD COLUMN repairable    boolean NOT NULL DEFAULT false,
	-- the video that this one was made from by repair
	ADD COLUMN repair_of     bigint REFERENCES video ON DELETE SET NULL,
	-- when the janitor found that its file is gone
	ADD COLUMN missing_at    timestamptz;
CREATE INDEX video_sha256 ON video (user_id, sha256, id) WHERE deleted_at IS NULL;
CREATE INDEX video_unhashed ON video (id) WHERE sha256 IS NULL AND state = 'ready' AND deleted_at IS NULL;
CREATE INDEX video_missing ON video (missing_at) WHERE missing_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX video_repair_of ON video (repair_of) WHERE repair_of IS NOT NULL;

CREATE TABLE video_tag (
	video_id  bigint NOT NULL REFERENCES video ON DELETE CASCADE,
	tag       text NOT NULL CHECK (tag ~ '^[^[:cntrl:],]{1,40}$' AND tag = lower(btrim(tag))),
	PRIMARY KEY (video_id, tag)
);
CREATE INDEX video_tag_tag ON video_tag (tag);

-- Coding a refused video anew; the result is a video of its own (repair_of), and its user decides between the two.
CREATE TABLE video_repair (
	id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	video_id       bigint NOT NULL UNIQUE REFERENCES video ON DELETE CASCADE,
	state          text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
	percent        integer NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
	-- the file that is being made, in the media store
	file           text UNIQUE CHECK (file ~ '^[A-Za-z0-9_-]{22}$'),
	result_id      bigint REFERENCES video ON DELETE SET NULL,
	reason_code    text,
	reason_message text,
	attempts       integer NOT NULL DEFAULT 0,
	lease_until    timestamptz,
	asked_at       timestamptz NOT NULL DEFAULT now(),
	ended_at       timestamptz
);
CREATE INDEX video_repair_open ON video_repair (id) WHERE state IN ('waiting', 'running');

-- Videos fetched from an address, or found in a drop folder.
CREATE TABLE video_import (
	id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id         bigint NOT NULL REFERENCES app_user ON DELETE CASCADE,
	source          text NOT NULL CHECK (source IN ('url', 'drop')),
	-- https address, or the file's name in the drop folder
	address         text NOT NULL CHECK (octet_length(address) BETWEEN 1 AND 4096),
	name            text NOT NULL DEFAULT '',
	state           text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
	received        bigint NOT NULL DEFAULT 0,
	total           bigint,                     -- bytes; NULL: not told
	reason_code     text,
	reason_message  text,
	upload_id       text CHECK (upload_id ~ '^[A-Za-z0-9_-]{22}$'),
	validator       text,                       -- names the file that has been received in part (If-Range)
	video_id        bigint REFERENCES video ON DELETE SET NULL,
	attempts        integer NOT NULL DEFAULT 0,
	lease_until     timestamptz,
	next_attempt_at timestamptz NOT NULL DEFAULT now(),
	-- of a dropped file, so that one that was refused is not read again until it changes
	file_size       bigint,
	file_changed_at timestamptz,
	asked_at        timestamptz NOT NULL DEFAULT now(),
	ended_at        timestamptz
);
CREATE INDEX video_import_user ON video_import (user_id, id DESC);
CREATE INDEX video_import_open ON video_import (next_attempt_at) WHERE state IN ('waiting', 'running');
CREATE INDEX video_import_upload ON video_import (upload_id) WHERE upload_id IS NOT NULL;
CREATE INDEX video_import_drop_name ON video_import (user_id, address, id DESC) WHERE source = 'drop';
CREATE UNIQUE INDEX video_import_drop ON video_import (user_id, address) WHERE source = 'drop' AND state <> 'done';

-- grants --------------------------------------------------------------------------------------------------------------

-- upload: makes videos, has them checked, hashed and repaired
GRANT UPDATE (joined_at, length) ON upload TO spg_upload;
GRANT SELECT, INSERT, UPDATE ON upload_day TO spg_upload;
GRANT UPDATE (sha256, hash_lease_until, fps_variable, has_location, has_device, strip_frames, repairable)
	ON video TO spg_upload;
GRANT SELECT, UPDATE (state, percent, file, result_id, reason_code, reason_message, attempts, lease_until, ended_at)
	ON video_repair TO spg_upload;
GRANT SELECT (id, state, upload_id, video_id, ended_at), UPDATE (video_id) ON video_import TO spg_upload;

-- dashboard: the library as its owner sees it
GRANT UPDATE (name) ON video TO spg_dashboard;
GRANT SELECT, INSERT, DELETE ON video_tag TO spg_dashboard;
GRANT SELECT, INSERT, DELETE ON video_repair TO spg_dashboard;
GRANT SELECT, INSERT, DELETE ON video_import TO spg_dashboard;
GRANT SELECT (user_id, length, kind, joined_at, finished_at, expires_at) ON upload TO spg_dashboard;
GRANT SELECT ON upload_day TO spg_dashboard;

-- importer: fetches from addresses; knows nothing about people, posts or accounts
GRANT USAGE ON SCHEMA spg TO spg_importer;
GRANT SELECT ON schema_migration TO spg_importer;
GRANT SELECT (id) ON app_user TO spg_importer;
GRANT SELECT, UPDATE (name, state, received, total, reason_code, reason_message, upload_id, validator, attempts,
	              lease_until, next_attempt_at, ended_at)
	ON video_import TO spg_importer;
GRANT SELECT, INSERT, DELETE, UPDATE (expires_at, length) ON upload TO spg_importer;
GRANT SELECT, INSERT, UPDATE ON upload_day TO spg_importer;
GRANT SELECT (user_id, size, state, repairable, deleted_at) ON video TO spg_importer;

-- janitor: drop folders, lost files, retention and erasure of the new tables
GRANT SELECT, INSERT, DELETE, UPDATE ON video_import TO spg_janitor;
GRANT INSERT, UPDATE (expires_at, length) ON upload TO spg_janitor;
GRANT SELECT, INSERT, UPDATE, DELETE ON upload_day TO spg_janitor;
GRANT UPDATE (missing_at) ON video TO spg_janitor;
GRANT UPDATE (repairable) ON video TO spg_janitor;
GRANT SELECT, DELETE ON video_repair, video_tag TO spg_janitor;
