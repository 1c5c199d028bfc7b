/* The sidecar as a JSON file. */
#include "media/sidecar.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "media/part.h"

enum { FILE_MAX_BYTES = 32 * 1024, JSON_DEPTH = 4, SIDECAR_MODE = 0660, SIDECAR_VERSION = 1 };

static enum status sessions_parse(struct json_object *array, struct arena *arena,
				  struct sidecar *sidecar)
{
	size_t count = json_object_array_length(array);
	if (count > SIDECAR_SESSIONS_MAX)
		return STATUS_INVALID;
	for (size_t i = 0; i < count; i++) {
		struct json_object *item = json_object_array_get_idx(array, i);
		const char *hash;
		struct sidecar_session session;
		if (!json_object_is_type(item, json_type_object) ||
		    json_get_string(item, "hash", &hash) != STATUS_OK ||
		    json_get_int(item, "verified_at", &session.verified_at) != STATUS_OK)
			return STATUS_INVALID;
		session.hash = arena_strdup(arena, hash);
		sidecar->sessions[sidecar->session_count++] = session;
	}
	return STATUS_OK;
}

static enum status sidecar_parse(const char *text, size_t length, struct arena *arena,
				 struct sidecar *ret_sidecar)
{
	CLEANUP(json_object_put) struct json_object *root = NULL;
	struct json_object *sessions;
	struct sidecar sidecar = { 0 };
	const char *metadata;
	int64_t version;
	enum status st = json_parse(text, length, JSON_DEPTH, &root);
	if (st != STATUS_OK || !json_object_is_type(root, json_type_object) ||
	    json_get_int(root, "version", &version) != STATUS_OK || version != SIDECAR_VERSION ||
	    json_get_int(root, "user_id", &sidecar.user_id) != STATUS_OK ||
	    json_get_int(root, "length", &sidecar.length) != STATUS_OK ||
	    json_get_string(root, "metadata", &metadata) != STATUS_OK ||
	    json_get_int(root, "created_at", &sidecar.created_at) != STATUS_OK ||
	    json_get_int(root, "expires_at", &sidecar.expires_at) != STATUS_OK ||
	    json_get_int(root, "video_id", &sidecar.video_id) != STATUS_OK ||
	    json_get_array(root, "sessions", &sessions) != STATUS_OK ||
	    sessions_parse(sessions, arena, &sidecar) != STATUS_OK)
		return STATUS_INVALID;
	sidecar.metadata = arena_strdup(arena, metadata);
	*ret_sidecar = sidecar;
	return STATUS_OK;
}

enum status sidecar_read(const struct part_store *store, struct arena *arena, const char *id,
			 struct sidecar *ret_sidecar)
{
	char name[PART_NAME_SIZE];
	part_name(name, id, ".info");
	CLEANUP(fd_close) int fd = openat(store->parts, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return STATUS_NOT_FOUND;
	struct stat about;
	size_t size = fd >= 0 && fstat(fd, &about) == 0 ? (size_t)about.st_size : SIZE_MAX;
	if (size > FILE_MAX_BYTES)
		size = FILE_MAX_BYTES;
	/* Replaced as a whole: its size does not change under us. */
	char *text = arena_alloc(arena, size + 1);
	ssize_t length = file_read_all(fd, text, size);
	if (length < 0) {
		log_error("sidecar_unreadable upload=%.6s error=%s", id, strerror(errno));
		return STATUS_BROKEN;
	}
	if (sidecar_parse(text, (size_t)length, arena, ret_sidecar) != STATUS_OK) {
		log_error("sidecar_damaged upload=%.6s length=%zd", id, length);
		return STATUS_BROKEN;
	}
	return STATUS_OK;
}

static const char *sidecar_text(struct arena *arena, const struct sidecar *sidecar)
{
	CLEANUP(json_object_put) struct json_object *root = json_object_new_object();
	json_add_int(root, "version", SIDECAR_VERSION);
	json_add_int(root, "user_id", sidecar->user_id);
	json_add_int(root, "length", sidecar->length);
	json_add_string(root, "metadata", sidecar->metadata);
	json_add_int(root, "created_at", sidecar->created_at);
	json_add_int(root, "expires_at", sidecar->expires_at);
	json_add_int(root, "video_id", sidecar->video_id);
	struct json_object *sessions = json_object_new_array();
	for (size_t i = 0; i < sidecar->session_count; i++) {
		struct json_object *session = json_object_new_object();
		json_add_string(session, "hash", sidecar->sessions[i].hash);
		json_add_int(session, "verified_at", sidecar->sessions[i].verified_at);
		json_array_push(sessions, session);
	}
	json_add(root, "sessions", sessions);
	return json_text(arena, root);
}

static enum status write_failed(const struct part_store *store, const char *id, const char *name)
{
	int error = errno;
	log_error("sidecar_write upload=%.6s error=%s", id, strerror(error));
	unlinkat(store->parts, name, 0);
	return error == ENOSPC || error == EDQUOT ? STATUS_REFUSED : STATUS_BROKEN;
}

static enum status replace(const struct part_store *store, struct arena *arena, const char *id,
			   const struct sidecar *sidecar, bool safe)
{
	char name[PART_NAME_SIZE], fresh[PART_NAME_SIZE];
	part_name(name, id, ".info");
	part_name(fresh, id, ".info.new");
	const char *text = sidecar_text(arena, sidecar);
	CLEANUP(fd_close)
	int fd = openat(store->parts, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			SIDECAR_MODE);
	if (fd < 0 || fchmod(fd, SIDECAR_MODE) != 0 ||
	    file_write_all(fd, text, strlen(text)) != 0 || (safe && fdatasync(fd) != 0) ||
	    renameat(store->parts, fresh, store->parts, name) != 0 ||
	    (safe && fsync(store->parts) != 0))
		return write_failed(store, id, fresh);
	return STATUS_OK;
}

enum status sidecar_write(const struct part_store *store, struct arena *arena, const char *id,
			  const struct sidecar *sidecar)
{
	return replace(store, arena, id, sidecar, /* safe= */ true);
}

enum status sidecar_begin(const struct part_store *store, struct arena *arena, const char *id,
			  const struct sidecar *sidecar)
{
	return replace(store, arena, id, sidecar, /* safe= */ false);
}

enum status sidecar_sync(const struct part_store *store, const char *id)
{
	char name[PART_NAME_SIZE];
	part_name(name, id, ".info");
	CLEANUP(fd_close) int fd = openat(store->parts, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fdatasync(fd) == 0 && fsync(store->parts) == 0)
		return STATUS_OK;
	if (fd < 0 && errno == ENOENT)
		return STATUS_NOT_FOUND;
	log_error("sidecar_sync upload=%.6s error=%s", id, strerror(errno));
	return STATUS_BROKEN;
}

void sidecar_remove(const struct part_store *store, const char *id)
{
	char name[PART_NAME_SIZE];
	part_name(name, id, ".info");
	unlinkat(store->parts, name, 0);
}

static struct sidecar_session *session_find_hash(struct sidecar *sidecar, const char *hash)
{
	for (size_t i = 0; i < sidecar->session_count; i++) {
		if (strcmp(sidecar->sessions[i].hash, hash) == 0)
			return &sidecar->sessions[i];
	}
	return NULL;
}

int64_t sidecar_session_verified(const struct sidecar *sidecar, const char *hash)
{
	for (size_t i = 0; i < sidecar->session_count; i++) {
		if (strcmp(sidecar->sessions[i].hash, hash) == 0)
			return sidecar->sessions[i].verified_at;
	}
	return 0;
}

void sidecar_session_note(struct sidecar *sidecar, const char *hash, int64_t verified_at)
{
	struct sidecar_session *session = session_find_hash(sidecar, hash);
	if (!session && sidecar->session_count < SIDECAR_SESSIONS_MAX)
		session = &sidecar->sessions[sidecar->session_count++];
	if (!session) {
		session = &sidecar->sessions[0];
		for (size_t i = 1; i < sidecar->session_count; i++) {
			if (sidecar->sessions[i].verified_at < session->verified_at)
				session = &sidecar->sessions[i];
		}
	}
	*session = (struct sidecar_session){ hash, verified_at };
}

bool sidecar_session_drop(struct sidecar *sidecar, const char *hash)
{
	struct sidecar_session *session = session_find_hash(sidecar, hash);
	if (!session)
		return false;
	*session = sidecar->sessions[--sidecar->session_count];
	return true;
}
