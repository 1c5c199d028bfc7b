/* From what a user asks to what is written: the checks that need the database. */
#include "store/post_change.h"

#include <string.h>

#include "base/arena.h"
#include "queries.h"
#include "store/db.h"

static bool has_fault(const struct post_faults *faults, const char *field)
{
	for (size_t i = 0; i < faults->count; i++) {
		if (strcmp(faults->items[i].field, field) == 0)
			return true;
	}
	return false;
}

/* The post's new state and time. STATUS_INVALID where a fault says why there is none. */
static enum status plan_time(struct db *db, struct arena *arena, const struct post *old,
			     const struct post_input *input, struct post_faults *faults,
			     struct post_change *change)
{
	enum status st = when_zone_check(db, input->content.time_zone);
	if (st == STATUS_NOT_FOUND) {
		post_fault(faults, "time_zone", "unknown_time_zone",
			   "There is no such time zone. Names look like Europe/Moscow.");
		return STATUS_INVALID;
	}
	if (st != STATUS_OK)
		return st;
	switch (input->due) {
	case POST_DUE_KEEP:
		change->state = old ? old->state : POST_DRAFT;
		change->due_at = old ? old->due_at.utc : NULL;
		return STATUS_OK;
	case POST_DUE_NONE:
		change->state = POST_DRAFT;
		change->due_at = NULL;
		return STATUS_OK;
	case POST_DUE_NOW:
	case POST_DUE_AT:
		change->due_at = input->due_text;
		break;
	case POST_DUE_LOCAL: {
		struct moment moment;
		enum when_note note;
		st = when_resolve(db, arena, input->content.time_zone, input->due_text, &moment,
				  &note);
		if (st != STATUS_OK)
			return st;
		change->due_at = moment.utc;
		break;
	}
	}
	change->state = POST_SCHEDULED;
	return STATUS_OK;
}

static void check_account(const PGresult *rows, const struct post_change *change,
			  struct post_faults *faults)
{
	if (change->content.account_id == 0 || has_fault(faults, "account_id"))
		return;
	if (!row_bool(rows, 0, "account_found")) {
		post_fault(faults, "account_id", "not_found", "There is no such account of yours.");
		return;
	}
	if (change->state != POST_SCHEDULED)
		return;
	bool direct = change->content.mode == POST_DIRECT;
	if (!row_bool(rows, 0, "account_connected"))
		post_conflict(faults, "account_id", "account_not_connected",
			      "This TikTok account is not connected at the moment. Connect it "
			      "again, then schedule the post.");
	else if (direct && !row_bool(rows, 0, "may_publish"))
		post_conflict(faults, "account_id", "scope_missing",
			      "You have not allowed us to publish to this TikTok account. Connect "
			      "it again and allow publishing, or choose the inbox draft.");
	else if (!direct && !row_bool(rows, 0, "may_upload"))
		post_conflict(faults, "account_id", "scope_missing",
			      "You have not allowed us to upload to this TikTok account. Connect "
			      "it again and allow uploading drafts.");
}

static void check_video(struct arena *arena, const PGresult *rows, const struct post_change *change,
			struct post_faults *faults)
{
	if (change->content.video_id == 0 || has_fault(faults, "video_id"))
		return;
	if (!row_bool(rows, 0, "video_found")) {
		post_fault(faults, "video_id", "not_found",
			   "There is no such video of yours; perhaps it has been deleted.");
		return;
	}
	const char *state = row_text(arena, rows, 0, "video_state");
	if (strcmp(state, "refused") == 0)
		post_fault(faults, "video_id", "video_refused",
			   "This video does not meet TikTok's rules; its page says why.");
	else if (change->state == POST_SCHEDULED && strcmp(state, "ready") != 0)
		post_conflict(faults, "video_id", "video_not_ready",
			      "This video is still being checked. Try again in a moment.");
	int64_t duration_ms = row_int(rows, 0, "duration_ms");
	if (duration_ms > 0 && change->content.cover_ms > duration_ms)
		post_fault(faults, "cover_ms", "out_of_range",
			   "The cover must lie between the start and the end of the video.");
}

static void check_time(const PGresult *rows, const struct post_input *input,
		       const struct post_change *change, struct post_faults *faults)
{
	const char *field = input->due == POST_DUE_LOCAL ? "local_time" : "due_at";
	if (change->waits_as_before || change->state != POST_SCHEDULED)
		return;
	if (row_bool(rows, 0, "is_past"))
		post_fault(faults, field, "due_at_in_past",
			   "This time has passed. Choose a later one, or post now.");
	else if (row_bool(rows, 0, "is_far"))
		post_fault(faults, field, "due_at_too_far",
			   "This time is more than 365 days ahead.");
}

static void check_consent(const struct post *old, const struct post_input *input,
			  const struct post_change *change, struct post_faults *faults)
{
	if (change->state != POST_SCHEDULED || has_fault(faults, "consent"))
		return;
	bool stands = old && old->consent_at.utc &&
		      !post_consent_is_outdated(&old->content, &change->content);
	if (input->consent_refused || (!input->consent && !stands))
		post_fault(faults, "consent", "consent_required",
			   "A post is sent only with your express consent: send consent: true once "
			   "the user has agreed to what is shown.");
}

/* What may be changed of a post that TikTok knows something of already. */
static void check_old(const struct post *old, const struct post_input *input,
		      const struct post_change *change, struct post_faults *faults)
{
	if (old->may_be_public && !input->post_again)
		post_conflict(faults, "post_again", "outcome_unknown",
			      "The last try may be public on TikTok. Look there first; if it is "
			      "not, send post_again: true to post it anew.");
	else if (!old->may_be_public && old->partly_sent &&
		 post_content_differs(&old->content, &change->content))
		post_conflict(faults, "", "post_in_flight",
			      "A part of this post has been sent to TikTok as it was. Its time can "
			      "still be changed; for other changes cancel it and write it anew.");
}

static const char *describe(const struct post *old, const struct post_change *change)
{
	bool content = post_content_differs(&old->content, &change->content);
	if (change->waits_as_before)
		return content ? "Changed by you." : NULL;
	return content ? "Time and content changed by you." : "Time changed by you.";
}

enum status post_plan(struct db *db, struct arena *arena, int64_t user_id, bool audited,
		      const struct post *old, const struct post_input *input,
		      struct post_faults *faults, struct post_change *ret_change)
{
	struct post_change change = { .content = input->content };
	enum status st = plan_time(db, arena, old, input, faults, &change);
	if (st != STATUS_OK && st != STATUS_INVALID)
		return st;
	post_content_check(&change.content, change.state == POST_SCHEDULED, audited, faults);
	CLEANUP(PQclear) PGresult *rows = NULL;
	st = db_query(db, post_check_sql,
		      PARAMS(param_int(arena, user_id), param_id(arena, change.content.account_id),
			     param_id(arena, change.content.video_id), change.due_at,
			     param_int(arena, POST_SCHEDULE_DAYS_MAX),
			     old ? old->due_at.utc : NULL),
		      &rows);
	if (st != STATUS_OK)
		return st;
	change.waits_as_before =
		old && old->state == change.state &&
		(change.state == POST_DRAFT || input->due == POST_DUE_KEEP ||
		 (change.state == POST_SCHEDULED && row_bool(rows, 0, "is_same_time")));
	check_account(rows, &change, faults);
	check_video(arena, rows, &change, faults);
	check_time(rows, input, &change, faults);
	check_consent(old, input, &change, faults);
	if (old)
		check_old(old, input, &change, faults);
	else if (row_int(rows, 0, "created_today") >= POST_CREATIONS_PER_DAY)
		post_conflict(faults, "", "too_many_posts",
			      "You have created very many posts today. Please go on tomorrow.");
	change.consent =
		change.state == POST_SCHEDULED && input->consent ? input->consent_record : NULL;
	change.post_again = old && old->may_be_public && input->post_again;
	change.noted = old ? describe(old, &change) : NULL;
	*ret_change = change;
	return STATUS_OK;
}
