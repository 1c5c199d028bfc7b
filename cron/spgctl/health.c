/* spgctl health: whether the whole does its job, by the same measures as /readyz, and what waits for somebody. */
#include <sys/statvfs.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "queries.h"
#include "spgctl/ctl.h"
#include "store/db.h"
#include "store/health.h"
#include "store/listing.h"

enum { DELETION_LATE_DAYS = 20 }; /* of the month that the law gives (B121) */

static void fault(struct ctl *ctl, struct json_object *problems, const char *what,
		  const char *remedy)
{
	struct json_object *problem = json_object_new_object();
	json_add_string(problem, "problem", what);
	json_add_string(problem, "remedy", remedy);
	json_array_push(problems, problem);
	ctl->failed = true;
}

static void judge(struct ctl *ctl, const struct health *health, struct json_object *problems)
{
	if (!health_publisher_is_well(health))
		fault(ctl, problems, "no publisher lives",
		      "see that cron starts one each minute, and the publisher's log");
	if (!health_queue_is_well(health))
		fault(ctl, problems, "posts are late", "see the publisher's log");
	if (health->missing_videos > 0)
		fault(ctl, problems, "files of videos are missing",
		      "see the janitor's log; restore media_dir from the backup");
	struct statvfs disk;
	if (statvfs(ctl->config->media_dir, &disk) == 0 &&
	    (int64_t)disk.f_bavail * (int64_t)disk.f_frsize < HEALTH_DISK_MIN_BYTES)
		fault(ctl, problems, "the disk is full", "make room where media_dir lies");
}

static void judge_rest(struct ctl *ctl, struct json_object *counts, struct json_object *breakers,
		       struct json_object *problems)
{
	int64_t late = 0;
	if (json_get_int(counts, "deletions_late", &late) == STATUS_OK && late > 0)
		fault(ctl, problems, "requests to erase are older than 20 days",
		      "see the janitor's log: erasure_waits and erasure_failed say what is in the "
		      "way");
	if (json_object_array_length(breakers) > 0)
		fault(ctl, problems, "TikTok does not answer",
		      "nothing: posts wait and go out later");
}

static enum status health(struct ctl *ctl)
{
	struct health now;
	struct json_object *counts = NULL, *beats = NULL, *breakers = NULL;
	enum status st = ctl_arguments(ctl, NULL, 0, NULL, 0);
	if (st == STATUS_OK)
		st = health_read(ctl->db, ctl->arena, &now);
	if (st == STATUS_OK)
		st = listing_one(ctl->db, ctl_counts_sql,
				 PARAMS(param_int(ctl->arena, DELETION_LATE_DAYS)), &counts);
	if (st != STATUS_OK)
		return st;
	ctl_object(ctl, counts);
	st = listing_read(ctl->db, ctl_heartbeats_sql, NO_PARAMS, &beats);
	json_add(counts, "heartbeats", beats);
	if (st == STATUS_OK)
		st = listing_read(ctl->db, ctl_breakers_sql, NO_PARAMS, &breakers);
	json_add(counts, "breakers", breakers);
	if (st != STATUS_OK)
		return st;
	struct json_object *problems = json_object_new_array();
	judge(ctl, &now, problems);
	judge_rest(ctl, counts, breakers, problems);
	json_add_string(counts, "schema", now.schema);
	json_add_int(counts, "oldest_due_age_s", now.oldest_due_age_s);
	json_add_int(counts, "oldest_lease_age_s", now.oldest_lease_age_s);
	json_add_int(counts, "oldest_check_age_s", now.oldest_check_age_s);
	json_add_int(counts, "missing_videos", now.missing_videos);
	json_add_string(counts, "status", ctl->failed ? "failing" : "ok");
	json_add(counts, "problems", problems);
	return STATUS_OK;
}

static const struct ctl_command commands[] = {
	{ .purpose = "what is well and what is not; exit 1 when something is not",
	  .run = health,
	  .unrecorded = true },
};
const struct ctl_group ctl_health = { "health", commands, ARRAY_SIZE(commands) };
