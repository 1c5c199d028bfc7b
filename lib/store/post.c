/* Reading posts. */
#include "store/post.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "queries.h"
#include "store/db.h"

static const char *const state_names[] = {
	[POST_DRAFT] = "draft",		  [POST_SCHEDULED] = "scheduled",
	[POST_PUBLISHING] = "publishing", [POST_PROCESSING] = "processing",
	[POST_PUBLISHED] = "published",	  [POST_DELIVERED] = "delivered",
	[POST_FAILED] = "failed",	  [POST_HELD] = "held",
	[POST_CANCELLED] = "cancelled",
};

static const char *const mode_names[] = { [POST_DIRECT] = "direct", [POST_INBOX] = "draft" };

const char *post_state_name(enum post_state state)
{
	return state_names[state];
}

const char *post_mode_name(enum post_mode mode)
{
	return mode_names[mode];
}

enum status post_state_parse(const char *text, enum post_state *ret_state)
{
	for (size_t i = 0; i < ARRAY_SIZE(state_names); i++) {
		if (strcmp(text, state_names[i]) == 0) {
			*ret_state = (enum post_state)i;
			return STATUS_OK;
		}
	}
	return STATUS_NOT_FOUND;
}

enum status post_mode_parse(const char *text, enum post_mode *ret_mode)
{
	for (size_t i = 0; i < ARRAY_SIZE(mode_names); i++) {
		if (strcmp(text, mode_names[i]) == 0) {
			*ret_mode = (enum post_mode)i;
			return STATUS_OK;
		}
	}
	return STATUS_NOT_FOUND;
}

static struct post_content content_from_row(struct arena *arena, const PGresult *rows, int row)
{
	struct post_content content = {
		.account_id = row_int(rows, row, "account_id"),
		.video_id = row_int(rows, row, "video_id"),
		.time_zone = row_text(arena, rows, row, "time_zone"),
		.caption = row_text(arena, rows, row, "caption"),
		.privacy_level = row_text(arena, rows, row, "privacy_level"),
		.allow_comment = row_bool(rows, row, "allow_comment"),
		.allow_duet = row_bool(rows, row, "allow_duet"),
		.allow_stitch = row_bool(rows, row, "allow_stitch"),
		.your_brand = row_bool(rows, row, "your_brand"),
		.branded_content = row_bool(rows, row, "branded_content"),
		.is_aigc = row_bool(rows, row, "is_aigc"),
		.cover_ms = row_int(rows, row, "cover_ms"),
	};
	if (post_mode_parse(row_text(arena, rows, row, "mode"), &content.mode) != STATUS_OK)
		log_die("post_mode_unknown");
	return content;
}

static struct post post_from_row(struct arena *arena, const PGresult *rows, int row)
{
	struct post post = {
		.id = row_int(rows, row, "id"),
		.content = content_from_row(arena, rows, row),
		.due_at = row_moment(arena, rows, row, "due_at"),
		.local_time = row_text(arena, rows, row, "local_time"),
		.reason_code = row_text(arena, rows, row, "reason_code"),
		.reason_message = row_text(arena, rows, row, "reason_message"),
		.remedy_code = row_text(arena, rows, row, "remedy_code"),
		.remedy_message = row_text(arena, rows, row, "remedy_message"),
		.warning_code = row_text(arena, rows, row, "warning_code"),
		.warning_message = row_text(arena, rows, row, "warning_message"),
		.warning_remedy_code = row_text(arena, rows, row, "warning_remedy_code"),
		.warning_remedy_message = row_text(arena, rows, row, "warning_remedy_message"),
		.language = row_text(arena, rows, row, "language"),
		.publish_id = row_text(arena, rows, row, "publish_id"),
		.public_url = row_text(arena, rows, row, "public_url"),
		.public_ids = row_text(arena, rows, row, "public_ids"),
		.attempts = row_int(rows, row, "attempts"),
		.next_attempt_at = row_moment(arena, rows, row, "next_attempt_at"),
		.consent_at = row_moment(arena, rows, row, "consent_at"),
		.sent_at = row_moment(arena, rows, row, "sent_at"),
		.finished_at = row_moment(arena, rows, row, "finished_at"),
		.created_at = row_moment(arena, rows, row, "created_at"),
		.updated_at = row_moment(arena, rows, row, "updated_at"),
		.fence = row_int(rows, row, "fence"),
		.partly_sent = row_bool(rows, row, "partly_sent"),
		.may_be_public = row_bool(rows, row, "may_be_public"),
		.account_name = row_text(arena, rows, row, "account_name"),
		.account_username = row_text(arena, rows, row, "account_username"),
		.account_avatar_url = row_text(arena, rows, row, "account_avatar_url"),
		.account_state = row_text(arena, rows, row, "account_state"),
		.has_video = row_bool(rows, row, "has_video"),
		.video_name = row_text(arena, rows, row, "video_name"),
		.video_state = row_text(arena, rows, row, "video_state"),
		.video_duration_ms = row_int(rows, row, "video_duration_ms"),
		.video_size = row_int(rows, row, "video_size"),
		.video_has_thumbnail = row_bool(rows, row, "video_has_thumbnail"),
	};
	if (post_state_parse(row_text(arena, rows, row, "state"), &post.state) != STATUS_OK)
		log_die("post_state_unknown");
	return post;
}

/* A bigint[] literal. */
static const char *id_array(struct arena *arena, const int64_t *ids, size_t count)
{
	CLEANUP(buf) struct buf out = BUF_INIT(count * 24 + 8);
	buf_puts(&out, "{");
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s%" PRId64, i ? "," : "", ids[i]);
	buf_puts(&out, "}");
	return arena_strdup(arena, buf_text(&out));
}

enum status post_read(struct db *db, struct arena *arena, int64_t user_id, const int64_t *ids,
		      size_t id_count, struct post **ret_posts, size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st =
		db_query(db, post_read_sql,
			 PARAMS(param_int(arena, user_id), id_array(arena, ids, id_count)), &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct post *posts = arena_alloc(arena, (count + 1) * sizeof(*posts));
	for (size_t i = 0; i < count; i++)
		posts[i] = post_from_row(arena, rows, (int)i);
	*ret_posts = posts;
	*ret_count = count;
	return STATUS_OK;
}

enum status post_get(struct db *db, struct arena *arena, int64_t user_id, int64_t post_id,
		     struct post *ret_post)
{
	struct post *posts;
	size_t count;
	enum status st = post_read(db, arena, user_id, &post_id, 1, &posts, &count);
	if (st != STATUS_OK)
		return st;
	if (count == 0)
		return STATUS_NOT_FOUND;
	*ret_post = posts[0];
	return STATUS_OK;
}

enum status post_timeline(struct db *db, struct arena *arena, int64_t user_id, int64_t post_id,
			  int64_t after, int64_t limit, struct post_event **ret_events,
			  size_t *ret_count)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, post_timeline_sql,
				  PARAMS(param_int(arena, user_id), param_int(arena, post_id),
					 param_int(arena, after), param_int(arena, limit)),
				  &rows);
	if (st != STATUS_OK)
		return st;
	size_t count = (size_t)PQntuples(rows);
	struct post_event *events = arena_alloc(arena, (count + 1) * sizeof(*events));
	for (size_t i = 0; i < count; i++) {
		int row = (int)i;
		events[i] = (struct post_event){
			.id = row_int(rows, row, "id"),
			.at = row_moment(arena, rows, row, "at"),
			.kind = row_text(arena, rows, row, "kind"),
			.name = row_text(arena, rows, row, "name"),
			.from_state = row_text(arena, rows, row, "from_state"),
			.code = row_text(arena, rows, row, "code"),
			.message = row_text(arena, rows, row, "message"),
			.log_id = row_text(arena, rows, row, "log_id"),
			.http_status = row_int(rows, row, "http_status"),
			.bytes = row_int(rows, row, "bytes"),
			.language = row_text(arena, rows, row, "language"),
		};
	}
	*ret_events = events;
	*ret_count = count;
	return STATUS_OK;
}
