/* /healthz: this process answers. /readyz: the whole does its job, or what keeps it from that. */
#include "dashboard/dashboard.h"

#include <string.h>
#include <sys/statvfs.h>

#include "base/config.h"
#include "base/json.h"
#include "store/db.h"
#include "store/health.h"
#include "web/request.h"
#include "web/response.h"

enum status health_alive(struct request *req, struct response *res)
{
	(void)req;
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	json_add_string(view, "status", "ok");
	return response_json(res, 200, view);
}

/* Adds a check and returns whether it is good. */
static bool add_check(struct json_object *checks, const char *name, bool good,
		      struct json_object *check)
{
	json_add_bool(check, "ok", good);
	json_add(checks, name, check);
	return good;
}

static bool check_disk(const struct config *config, struct json_object *checks)
{
	struct json_object *check = json_object_new_object();
	struct statvfs disk;
	if (statvfs(config->media_dir, &disk) != 0) {
		json_add(check, "free_bytes", NULL);
		return add_check(checks, "disk", false, check);
	}
	int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	json_add_int(check, "free_bytes", free_bytes);
	return add_check(checks, "disk", free_bytes >= HEALTH_DISK_MIN_BYTES, check);
}

static bool check_schema(const char *found, struct json_object *checks)
{
	struct json_object *check = json_object_new_object();
	json_add_string(check, "expected", DB_SCHEMA_VERSION);
	json_add_string(check, "found", found);
	return add_check(checks, "schema", found && strcmp(found, DB_SCHEMA_VERSION) == 0, check);
}

static bool check_publisher(const struct health *health, struct json_object *checks)
{
	struct json_object *check = json_object_new_object();
	bool seen = health->heartbeat_age_s >= 0;
	json_add(check, "heartbeat_age_s",
		 seen ? json_object_new_int64(health->heartbeat_age_s) : NULL);
	return add_check(checks, "publisher", health_publisher_is_well(health), check);
}

static bool check_queue(const struct health *health, struct json_object *checks)
{
	struct json_object *check = json_object_new_object();
	json_add_int(check, "oldest_due_age_s", health->oldest_due_age_s);
	json_add_int(check, "oldest_lease_age_s", health->oldest_lease_age_s);
	json_add_int(check, "oldest_check_age_s", health->oldest_check_age_s);
	return add_check(checks, "queue", health_queue_is_well(health), check);
}

static bool check_media(const struct health *health, struct json_object *checks)
{
	struct json_object *check = json_object_new_object();
	json_add_int(check, "missing_files", health->missing_videos);
	return add_check(checks, "media", health->missing_videos == 0, check);
}

/* A connection of the pool was checked when it was opened; the question asks the schema again. */
static enum status read_health(struct request *req, struct health *ret_health)
{
	struct db *db = NULL;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		return health_read(db, req->arena, ret_health);
	/* Away, or of another version than this program? */
	st = db_open(req->config->database, "dashboard", &db);
	if (st == STATUS_OK) {
		st = health_read(db, req->arena, ret_health);
		db_close(db);
	}
	return st;
}

enum status health_ready(struct request *req, struct response *res)
{
	struct health health = { 0 };
	struct json_object *checks = json_object_new_object();
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	enum status st = read_health(req, &health);
	bool ready = add_check(checks, "database", st == STATUS_OK || st == STATUS_BROKEN,
			       json_object_new_object());
	ready &= check_disk(req->config, checks);
	if (st == STATUS_OK) {
		ready &= check_schema(health.schema, checks);
		ready &= check_publisher(&health, checks);
		ready &= check_queue(&health, checks);
		ready &= check_media(&health, checks);
	} else {
		if (st == STATUS_BROKEN)
			check_schema(NULL, checks);
		/* Nobody knows. */
		json_add(checks, "publisher", NULL);
		json_add(checks, "queue", NULL);
		json_add(checks, "media", NULL);
		ready = false;
	}
	json_add_string(view, "status", ready ? "ok" : "failing");
	json_add(view, "checks", checks);
	return response_json(res, ready ? 200 : 503, view);
}
