/* Views of the library, and its pages rendered with them. */
#include "view_rows.h"

static struct json_object *choices(size_t count)
{
	struct json_object *links = json_object_new_array();
	for (size_t i = 0; i < count; i++) {
		struct json_object *link = json_object_new_object();
		json_add_string(link, "label", "<b>");
		json_add_string(link, "query", "tag=%3Cb%3E&sort=name");
		json_add_bool(link, "is_current", i == 0);
		json_array_push(links, link);
	}
	return links;
}

static struct config config_with(int64_t gigabytes, int64_t videos, int64_t uploads)
{
	return (struct config){ .user_storage_gb = gigabytes,
				.user_videos = videos,
				.user_uploads_per_day = uploads };
}

static void the_library_renders_full_and_empty(void **state)
{
	(void)state;
	const struct import_item imports[] = {
		{ .id = 1,
		  .source = "url",
		  .address = "https://a.example/<b>.mp4?key=1",
		  .name = "",
		  .state = "running",
		  .received = 5000,
		  .total = 10000 },
		{ .id = 2,
		  .source = "drop",
		  .address = "day.mp4",
		  .name = "day.mp4",
		  .state = "failed",
		  .reason_code = "not_a_video",
		  .reason_message = "<b>" },
	};
	for (size_t full = 0; full < 2; full++) {
		CLEANUP(json_object_put) struct json_object *view = page_view();
		const struct config config = config_with(full ? 1 : 0, 10, 5);
		const struct storage storage = { .used_bytes = full ? 950000000 : 0 };
		add_videos(view, "items", full * 3);
		json_add(view, "kinds", choices(5));
		json_add(view, "orders", choices(3));
		json_add(view, "tag_choices", choices(full * 3));
		for (size_t i = 0; i < 5; i++) {
			static const char *const names[] = { "q", "tag", "state", "used", "sort" };
			json_add_string(view, names[i], full ? "<b>" : NULL);
		}
		json_add_bool(view, "duplicates_only", full);
		json_add_bool(view, "is_filtered", full);
		json_add_bool(view, "import_from_url", full);
		json_add_string(view, "next_query", full ? "cursor=c1" : NULL);
		json_add(view, "imports", view_imports(&arena, imports, full * 2, VIEW_PAGE));
		json_add(view, "storage", view_storage(&arena, &config, &storage, VIEW_PAGE));
		assert_renders(videos_html, view);
	}
}

static void the_page_of_a_video_renders_in_each_state(void **state)
{
	(void)state;
	static const char *const repairs[] = { NULL, "waiting", "running", "done", "failed" };
	static const char *const states[] = { "ready", "checking", "refused" };
	for (size_t i = 0; i < ARRAY_SIZE(repairs) * ARRAY_SIZE(states); i++) {
		struct video_item item = video(states[i % ARRAY_SIZE(states)]);
		item.name = "<b>";
		item.repairable = true;
		item.repair.state = repairs[i / ARRAY_SIZE(states)];
		item.repair.video_id = 6;
		CLEANUP(json_object_put) struct json_object *view = page_view();
		struct json_object *compared = json_object_new_object();
		json_add(compared, "before", view_video(&arena, &item, VIEW_PAGE));
		json_add(compared, "after", view_video(&arena, &item, VIEW_PAGE));
		json_add(view, "compared", i % 2 ? compared : NULL);
		if (i % 2 == 0)
			json_object_put(compared);
		json_add(view, "video", view_video(&arena, &item, VIEW_PAGE));
		add_posts(view, "posts_of_it", POST_STATE_COUNT);
		assert_renders(video_html, view);
	}
}

static void storage_warns_of_the_limit_that_is_near(void **state)
{
	(void)state;
	static const struct {
		int64_t gigabytes, videos_limit, uploads_limit;
		struct storage storage;
		const char *code;
	} cases[] = {
		{ 0, 0, 0, { .used_bytes = INT64_C(90000000000), .videos = 5000 }, NULL },
		{ 1, 10, 5, { .used_bytes = 899999999, .videos = 8, .uploads_today = 4 }, NULL },
		{ 1, 10, 5, { .used_bytes = 900000000 }, "storage_nearly_full" },
		{ 1,
		  10,
		  5,
		  { .used_bytes = 500000000, .uploading_bytes = 500000000 },
		  "storage_full" },
		{ 1, 10, 5, { .videos = 9 }, "videos_nearly_full" },
		{ 1, 10, 5, { .videos = 10 }, "videos_full" },
		{ 1, 10, 5, { .uploads_today = 5 }, "uploads_used_up" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct config config = config_with(cases[i].gigabytes, cases[i].videos_limit,
							 cases[i].uploads_limit);
		CLEANUP(json_object_put)
		struct json_object *view =
			view_storage(&arena, &config, &cases[i].storage, VIEW_API);
		if (cases[i].code)
			assert_text(member(view, "warning"), "code", cases[i].code);
		else
			assert_null(member(view, "warning"));
	}
}

static void a_video_may_be_played_while_its_file_is_there(void **state)
{
	(void)state;
	struct video_item item = video("ready");
	assert_true(view_video_is_playable(&item));
	item.missing = true;
	assert_false(view_video_is_playable(&item));
	item = video("refused");
	assert_false(view_video_is_playable(&item));
	item.repairable = true;
	assert_true(view_video_is_playable(&item));
	item.container = NULL;
	assert_false(view_video_is_playable(&item));
	item = video("checking");
	assert_false(view_video_is_playable(&item));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_library_renders_full_and_empty),
		CASE(the_page_of_a_video_renders_in_each_state),
		CASE(storage_warns_of_the_limit_that_is_near),
		CASE(a_video_may_be_played_while_its_file_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
