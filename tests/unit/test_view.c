/* View objects: the API's members, the pages' words, and each template rendered with them. */
#include "view_rows.h"

static void ids_are_strings_and_unknowns_null(void **state)
{
	(void)state;
	struct post row = post(POST_SCHEDULED);
	row.content.video_id = 0;
	row.has_video = false;
	CLEANUP(json_object_put) struct json_object *view = view_post(&arena, &row, VIEW_API);
	assert_text(view, "id", "9");
	assert_text(view, "account_id", "7");
	assert_text(view, "video_id", NULL);
	assert_null(member(view, "video"));
	assert_null(member(view, "reason"));
	assert_text(view, "due_at", "2026-11-22T11:05:00Z");
	assert_text(view, "sent_at", NULL);
	assert_text(view, "mode", "direct");
	assert_int_equal(json_object_array_length(member(view, "public_ids")), 0);
	assert_text(member(view, "account"), "display_name", "<Name>");
}

static void the_api_has_no_words_for_people(void **state)
{
	(void)state;
	struct post row = post(POST_HELD);
	CLEANUP(json_object_put) struct json_object *api = view_post(&arena, &row, VIEW_API);
	CLEANUP(json_object_put) struct json_object *page = view_post(&arena, &row, VIEW_PAGE);
	assert_false(json_object_object_get_ex(api, "due_at_text", NULL));
	assert_false(json_object_object_get_ex(api, "state_text", NULL));
	assert_text(page, "due_at_text", "2026-11-22 14:05 Europe/Moscow");
	assert_text(page, "privacy_text", "Only me");
	json_object_object_foreach(api, name, value)
	{
		(void)value;
		assert_true(json_object_object_get_ex(page, name, NULL));
	}
}

static void each_state_has_its_word_and_its_buttons(void **state)
{
	(void)state;
	for (enum post_state each = POST_DRAFT; each < POST_STATE_COUNT; each++) {
		struct post row = post(each);
		bool open = each == POST_DRAFT || each == POST_SCHEDULED || each == POST_HELD;
		CLEANUP(json_object_put)
		struct json_object *view = view_post(&arena, &row, VIEW_PAGE);
		assert_true(json_object_get_string_len(member(view, "state_text")) > 0);
		assert_int_equal(json_object_get_boolean(member(view, "can_edit")), open);
		assert_int_equal(json_object_get_boolean(member(view, "can_cancel")), open);
		const char *flag = arena_printf(&arena, "is_%s", post_state_name(each));
		assert_true(json_object_get_boolean(member(view, flag)));
		enum post_state parsed;
		assert_int_equal(post_state_parse(post_state_name(each), &parsed), STATUS_OK);
		assert_int_equal(parsed, each);
	}
	enum post_state none;
	assert_int_equal(post_state_parse("asleep", &none), STATUS_NOT_FOUND);
}

static void reasons_lists_and_numbers_are_shaped(void **state)
{
	(void)state;
	struct post row = post(POST_HELD);
	row.reason_code = "spam_risk";
	row.reason_message = "TikTok refused it.";
	row.public_ids = "7000000000000000001,7000000000000000002";
	CLEANUP(json_object_put) struct json_object *view = view_post(&arena, &row, VIEW_API);
	assert_text(member(view, "reason"), "code", "spam_risk");
	assert_text(member(view, "reason"), "message", "TikTok refused it.");
	assert_text(member(view, "reason"), "who", "nobody");
	struct json_object *ids = member(view, "public_ids");
	assert_int_equal(json_object_array_length(ids), 2);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(ids, 1)),
			    "7000000000000000002");
	struct video_item item = video("ready");
	CLEANUP(json_object_put) struct json_object *shown = view_video(&arena, &item, VIEW_API);
	assert_string_equal(json_object_get_string(member(shown, "fps")), "29.97");
	assert_text(shown, "thumbnail_url", "/videos/5/thumbnail");
	assert_null(strstr(json_text(&arena, shown), "secretfilename"));
	item.state = "checking";
	CLEANUP(json_object_put) struct json_object *early = view_video(&arena, &item, VIEW_API);
	assert_text(early, "file_url", NULL);
}

/* What a post shows: reason or warning (by name), and its remedy. */
static void assert_shown(const struct post *row, const char *name, const char *message,
			 const char *remedy_name, const char *remedy)
{
	CLEANUP(json_object_put) struct json_object *view = view_post(&arena, row, VIEW_API);
	assert_text(member(view, name), "message", message);
	assert_text(member(view, remedy_name), "message", remedy);
}

static void reasons_are_told_in_the_readers_language(void **state)
{
	(void)state;
	struct post row = post(POST_HELD);
	row.reason_code = "duration_check_failed";
	row.reason_message = "The video is longer than the 60 seconds that TikTok allows.";
	row.remedy_code = "replace_video";
	row.remedy_message = "Upload a shorter video.";
	/* English as stored, which may hold a number; else by the code. */
	assert_shown(&row, "reason", row.reason_message, "remedy", row.remedy_message);
	row.language = "ru";
	const struct words *words = words_find(row.reason_code);
	assert_shown(&row, "reason", words->cause.ru, "remedy", words->next.ru);
	/* Another remedy than the usual one has words of its own. */
	row.remedy_code = "reschedule";
	assert_shown(&row, "reason", words->cause.ru, "remedy", words_remedy("reschedule")->ru);
	row.remedy_code = "something_new";
	assert_shown(&row, "reason", words->cause.ru, "remedy", row.remedy_message);
	row.reason_message = row.remedy_message = NULL;
	row.remedy_code = "replace_video";
	row.language = "en";
	assert_shown(&row, "reason", words->cause.en, "remedy", words->next.en);
}

static void an_unknown_code_is_shown_as_it_came(void **state)
{
	(void)state;
	struct post row = post(POST_HELD);
	row.reason_code = "something_new";
	row.reason_message = words_unknown.cause.en;
	row.remedy_code = words_unknown.remedy_code;
	row.remedy_message = words_unknown.next.en;
	row.language = "ru";
	CLEANUP(json_object_put) struct json_object *view = view_post(&arena, &row, VIEW_API);
	assert_text(member(view, "reason"), "code", "something_new");
	assert_false(json_object_get_boolean(member(member(view, "reason"), "known")));
	assert_shown(&row, "reason", words_unknown.cause.ru, "remedy", words_unknown.next.ru);
	row.reason_message = "Words of another version.";
	assert_shown(&row, "reason", "Words of another version.", "remedy", words_unknown.next.ru);
}

static void a_warning_is_told_until_the_posts_time(void **state)
{
	(void)state;
	struct post row = post(POST_SCHEDULED);
	row.warning_code = "quota_ahead";
	row.warning_message = "17 posts are planned for that day.";
	row.warning_remedy_code = "reschedule";
	row.warning_remedy_message = "Choose another day.";
	assert_shown(&row, "warning", row.warning_message, "warning_remedy",
		     row.warning_remedy_message);
	row.language = "ru";
	const struct words *words = words_find("quota_ahead");
	assert_shown(&row, "warning", words->cause.ru, "warning_remedy", words->next.ru);
	row.state = POST_HELD;
	CLEANUP(json_object_put) struct json_object *view = view_post(&arena, &row, VIEW_API);
	assert_null(member(view, "warning"));
	assert_null(member(view, "warning_remedy"));
}

static void a_draft_in_the_inbox_says_how_to_go_on(void **state)
{
	(void)state;
	struct post row = post(POST_DELIVERED);
	const struct words *words = words_find("draft_waits");
	assert_shown(&row, "reason", words->cause.en, "remedy", words->next.en);
	row.language = "ru";
	assert_shown(&row, "reason", words->cause.ru, "remedy", words->next.ru);
}

static void only_what_waits_says_until_when(void **state)
{
	(void)state;
	struct post row = post(POST_SCHEDULED);
	row.next_attempt_at = moment;
	CLEANUP(json_object_put) struct json_object *planned = view_post(&arena, &row, VIEW_PAGE);
	assert_null(member(planned, "waits"));
	row.reason_code = "daily_post_limit";
	CLEANUP(json_object_put) struct json_object *waiting = view_post(&arena, &row, VIEW_PAGE);
	assert_text(member(waiting, "waits"), "at", moment.utc);
	row.state = POST_HELD;
	CLEANUP(json_object_put) struct json_object *held = view_post(&arena, &row, VIEW_PAGE);
	assert_null(member(held, "waits"));
}

static void changes_are_told_in_the_readers_language(void **state)
{
	(void)state;
	struct post_event event = { .id = 1,
				    .at = moment,
				    .kind = "state",
				    .name = "held",
				    .from_state = "scheduled",
				    .code = "missed",
				    .message = "Late.",
				    .language = "ru" };
	CLEANUP(json_object_put) struct json_object *change = view_event(&event, VIEW_PAGE);
	assert_text(change, "message", words_find("missed")->cause.ru);
	assert_text(change, "name_text", "Held");
	assert_text(change, "from_text", "Scheduled");
	event.kind = "call";
	event.name = "init";
	CLEANUP(json_object_put) struct json_object *call = view_event(&event, VIEW_PAGE);
	assert_text(call, "message", "Late.");
	assert_text(call, "name_text", "Announced the video to TikTok");
}

static void sizes_and_durations_read_well(void **state)
{
	(void)state;
	assert_string_equal(view_size_text(&arena, 999), "999 bytes");
	assert_string_equal(view_size_text(&arena, 1000), "1.0 kB");
	assert_string_equal(view_size_text(&arena, 12345678), "12.3 MB");
	assert_string_equal(view_size_text(&arena, INT64_C(4000000000)), "4.0 GB");
	assert_string_equal(view_size_text(&arena, 123456789), "123 MB");
	assert_string_equal(view_duration_text(&arena, 65400), "1:05");
	assert_string_equal(view_duration_text(&arena, 499), "0:00");
	assert_string_equal(view_duration_text(&arena, 3723000), "1:02:03");
}

static void list_pages_render_full_and_empty(void **state)
{
	(void)state;
	for (size_t full = 0; full < 2; full++) {
		CLEANUP(json_object_put) struct json_object *home = page_view();
		add_accounts(home, "accounts", full * 3);
		add_posts(home, "attention", full * POST_STATE_COUNT);
		add_posts(home, "upcoming", full * POST_STATE_COUNT);
		add_posts(home, "recent", full * POST_STATE_COUNT);
		json_add_int(home, "attention_total", full ? 12 : 0);
		json_add_bool(home, "attention_more", full);
		assert_renders(home_html, home);

		CLEANUP(json_object_put) struct json_object *posts = page_view();
		add_posts(posts, "items", full * POST_STATE_COUNT);
		json_add_string(posts, "state", "");
		json_add_string(posts, "video", full ? "5" : NULL);
		json_add_string(posts, "next_cursor", full ? "c1" : NULL);
		assert_renders(posts_html, posts);

		CLEANUP(json_object_put) struct json_object *accounts = page_view();
		add_accounts(accounts, "items", full * 3);
		json_add_bool(accounts, "is_partial", full);
		json_add_bool(accounts, "is_late", full);
		assert_renders(accounts_html, accounts);
	}
}

static void the_page_of_a_post_renders_in_each_state(void **state)
{
	(void)state;
	struct post_event events[] = {
		{ .id = 1, .at = moment, .kind = "state", .name = "scheduled" },
		{ .id = 2,
		  .at = moment,
		  .kind = "call",
		  .name = "init",
		  .code = "ok",
		  .log_id = "L",
		  .http_status = 200,
		  .bytes = 5 },
		{ .id = 3, .at = moment, .kind = "note", .name = "changed", .message = "<b>" },
	};
	for (enum post_state each = POST_DRAFT; each < POST_STATE_COUNT; each++) {
		struct post row = post(each);
		row.has_video = each != POST_CANCELLED;
		row.due_at = each == POST_DRAFT ? (struct moment){ 0 } : moment;
		row.public_ids = each == POST_PUBLISHED ? "70001" : "";
		CLEANUP(json_object_put) struct json_object *view = page_view();
		json_add(view, "post", view_post(&arena, &row, VIEW_PAGE));
		json_add(view, "timeline", view_events(events, ARRAY_SIZE(events), VIEW_PAGE));
		assert_renders(post_html, view);
	}
}

static void the_composer_renders_new_and_for_a_change(void **state)
{
	(void)state;
	for (size_t full = 0; full < 2; full++) {
		struct post row = post(POST_DRAFT);
		struct video_item item = video("ready");
		CLEANUP(json_object_put) struct json_object *view = page_view();
		add_accounts(view, "accounts", full * 3);
		add_videos(view, "videos", full);
		json_add(view, "video", full ? view_video(&arena, &item, VIEW_PAGE) : NULL);
		json_add(view, "post", full ? view_post(&arena, &row, VIEW_PAGE) : NULL);
		json_add_bool(view, "edit", full);
		json_add_bool(view, "audited", full);
		assert_renders(compose_html, view);
	}
}

static void the_other_pages_render(void **state)
{
	(void)state;
	CLEANUP(json_object_put) struct json_object *view = page_view();
	json_add_string(view, "policy_version", "2.0");
	assert_renders(landing_html, view);
	assert_renders(calendar_html, view);
	struct json_object *zones = json_object_new_array(), *zone = json_object_new_object();
	json_add_string(zone, "name", "Europe/Moscow");
	json_add_bool(zone, "selected", true);
	json_array_push(zones, zone);
	json_add(view, "time_zones", zones);
	json_add_bool(view, "is_russian", true);
	json_add(view, "keep_posted", json_object_new_array());
	json_add(view, "export", NULL);
	json_add_bool(view, "export_running", false);
	json_add_bool(view, "export_too_many", false);
	assert_renders(settings_html, view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ids_are_strings_and_unknowns_null),
		CASE(the_api_has_no_words_for_people),
		CASE(each_state_has_its_word_and_its_buttons),
		CASE(reasons_lists_and_numbers_are_shaped),
		CASE(reasons_are_told_in_the_readers_language),
		CASE(an_unknown_code_is_shown_as_it_came),
		CASE(a_warning_is_told_until_the_posts_time),
		CASE(a_draft_in_the_inbox_says_how_to_go_on),
		CASE(only_what_waits_says_until_when),
		CASE(changes_are_told_in_the_readers_language),
		CASE(sizes_and_durations_read_well),
		CASE(list_pages_render_full_and_empty),
		CASE(the_page_of_a_post_renders_in_each_state),
		CASE(the_composer_renders_new_and_for_a_change),
		CASE(the_other_pages_render),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
