/* TikTok's requests, byte by byte. */
#include "unit.h"

#include "base/config.h"
#include "base/json.h"
#include "publish/chunk.h"
#include "remote/tiktok.h"

#define FORM_TYPE "application/x-www-form-urlencoded"
#define JSON_TYPE "application/json; charset=UTF-8"

static const struct config config = {
	.public_url = "https://post.example.org",
	.tiktok_client_key = "key1",
	.tiktok_auth_url = "https://www.tiktok.com",
	.tiktok_api_url = "https://open.tiktokapis.com",
	.tiktok_scopes = "user.info.basic,video.publish,video.upload",
};
static const struct tiktok tiktok = { &config, { "s/e+c r&t", 9 } };
static const struct secret bearer = { "act.token!1.va", 14 };
#define CREDENTIALS "&client_key=key1&client_secret=s%2Fe%2Bc%20r%26t"
#define REDIRECT    "https%3A%2F%2Fpost.example.org%2Foauth%2Fcallback"

static void assert_form(const struct http_request *request, const char *url, const char *body)
{
	assert_string_equal(request->method, "POST");
	assert_string_equal(request->url, url);
	assert_string_equal(request->content_type, FORM_TYPE);
	assert_string_equal(request->body, body);
	assert_int_equal(request->body_length, strlen(body));
	/* What was sent must be known: libcurl must not send it again by itself. */
	assert_true(request->fresh_connection);
	assert_null(request->bearer.bytes);
	assert_false(request->body_from_file);
	assert_null(request->content_range);
	assert_true(request->timeout_seconds > 0);
}

static void assert_json(const struct http_request *request, const char *url, const char *body)
{
	assert_string_equal(request->method, "POST");
	assert_string_equal(request->url, url);
	assert_string_equal(request->content_type, JSON_TYPE);
	assert_string_equal(request->body, body);
	assert_int_equal(request->body_length, strlen(body));
	assert_string_equal(request->bearer.bytes, bearer.bytes);
	assert_false(request->body_from_file);
	assert_true(request->timeout_seconds > 0);
}

static void the_consent_page_is_asked_for_with_all_parameters(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(
		tiktok_authorize_url(&tiktok, &arena, config.tiktok_scopes, "state_1", NULL),
		"https://www.tiktok.com/v2/auth/authorize/?client_key=key1&response_type=code"
		"&scope=user.info.basic%2Cvideo.publish%2Cvideo.upload&redirect_uri=" REDIRECT
		"&state=state_1&disable_auto_auth=1");
	assert_string_equal(
		tiktok_authorize_url(&tiktok, &arena, config.tiktok_scopes, "s", "226a"),
		"https://www.tiktok.com/v2/auth/authorize/?client_key=key1&response_type=code"
		"&scope=user.info.basic%2Cvideo.publish%2Cvideo.upload&redirect_uri=" REDIRECT
		"&state=s&disable_auto_auth=1&code_challenge=226a&code_challenge_method=S256");
	assert_string_equal(tiktok_redirect_uri(&tiktok, &arena),
			    "https://post.example.org/oauth/callback");
}

/* The callback decoded the code once; it goes out encoded once (1.4). */
static void a_code_with_stars_and_marks_is_encoded_once(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct http_request request = tiktok_code_request(&tiktok, &arena, "aB-_.~*!4608.va", NULL);
	assert_form(&request, "https://open.tiktokapis.com/v2/oauth/token/",
		    "grant_type=authorization_code&code=aB-_.~%2A%214608.va&redirect_uri=" REDIRECT
			    CREDENTIALS);
	request = tiktok_code_request(&tiktok, &arena, "%2A&code=x+y é", "ver.ifier~");
	assert_form(&request, "https://open.tiktokapis.com/v2/oauth/token/",
		    "grant_type=authorization_code&code=%252A%26code%3Dx%2By%20%C3%A9&redirect_"
		    "uri=" REDIRECT "&code_verifier=ver.ifier~" CREDENTIALS);
}

static void refresh_and_revoke_send_their_token(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct secret refresh_token = { "rft.a!4567.va", 13 };
	struct http_request request = tiktok_refresh_request(&tiktok, &arena, refresh_token);
	assert_form(&request, "https://open.tiktokapis.com/v2/oauth/token/",
		    "grant_type=refresh_token&refresh_token=rft.a%214567.va" CREDENTIALS);
	request = tiktok_revoke_request(&tiktok, &arena, bearer);
	assert_form(&request, "https://open.tiktokapis.com/v2/oauth/revoke/",
		    "token=act.token%211.va" CREDENTIALS);
}

static void user_info_asks_only_for_what_was_granted(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	static const struct {
		const char *scope, *url;
	} cases[] = {
		{ "user.info.basic,video.publish", "https://open.tiktokapis.com/v2/user/info/"
						   "?fields=open_id,avatar_url,display_name" },
		{ "", "https://open.tiktokapis.com/v2/user/info/"
		      "?fields=open_id,avatar_url,display_name" },
		{ "user.info.basic,user.info.profile",
		  "https://open.tiktokapis.com/v2/user/info/"
		  "?fields=open_id,avatar_url,display_name,username" },
		{ "user.info.profiles", "https://open.tiktokapis.com/v2/user/info/"
					"?fields=open_id,avatar_url,display_name" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_request request =
			tiktok_user_request(&tiktok, &arena, bearer, cases[i].scope);
		assert_string_equal(request.method, "GET");
		assert_string_equal(request.url, cases[i].url);
		assert_string_equal(request.bearer.bytes, bearer.bytes);
		assert_null(request.body);
		assert_null(request.content_type);
	}
}

static void creator_info_and_status_have_small_bodies(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct http_request request = tiktok_creator_info_request(&tiktok, &arena, bearer);
	assert_json(&request, "https://open.tiktokapis.com/v2/post/publish/creator_info/query/",
		    "{}");
	request = tiktok_status_request(&tiktok, &arena, bearer,
					"v_pub_file~v2-1.7000000000000000001");
	assert_json(&request, "https://open.tiktokapis.com/v2/post/publish/status/fetch/",
		    "{\"publish_id\":\"v_pub_file~v2-1.7000000000000000001\"}");
	/* An id is opaque: it cannot leave its string. */
	request = tiktok_status_request(&tiktok, &arena, bearer, "a\",\"b\":\"c\\");
	assert_string_equal(request.body, "{\"publish_id\":\"a\\\",\\\"b\\\":\\\"c\\\\\"}");
}

static struct tiktok_post good_post(void)
{
	return (struct tiktok_post){
		.caption = "Hello #test",
		.privacy_level = "SELF_ONLY",
		.allow_comment = true,
		.cover_ms = 1000,
		.video_size = 50000123,
		.chunk_size = 50000123,
		.chunk_count = 1,
	};
}

/* The example of the reference (3.2), in our order. */
static void a_direct_post_says_everything(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_post post = good_post();
	struct http_request request = tiktok_init_request(&tiktok, &arena, bearer, &post);
	assert_json(&request, "https://open.tiktokapis.com/v2/post/publish/video/init/",
		    "{\"post_info\":{\"privacy_level\":\"SELF_ONLY\",\"title\":\"Hello #test\","
		    "\"disable_comment\":false,\"disable_duet\":true,\"disable_stitch\":true,"
		    "\"video_cover_timestamp_ms\":1000,\"brand_content_toggle\":false,"
		    "\"brand_organic_toggle\":false,\"is_aigc\":false},\"source_info\":{\"source\":"
		    "\"FILE_UPLOAD\",\"video_size\":50000123,\"chunk_size\":50000123,"
		    "\"total_chunk_count\":1}}");
	assert_true(request.fresh_connection);
}

static struct json_object *parsed_body(const struct http_request *request)
{
	struct json_object *body = NULL;
	assert_status(json_parse(request->body, request->body_length, 8, &body), STATUS_OK);
	return body;
}

static void assert_bool(struct json_object *object, const char *name, bool wanted)
{
	bool value = !wanted;
	assert_status(json_get_bool(object, name, &value), STATUS_OK);
	assert_int_equal(value, wanted);
}

/* Each switch moves its own field and no other; all of them are always sent. */
static void every_switch_is_sent_whatever_it_says(void **state)
{
	(void)state;
	for (int bits = 0; bits < 64; bits++) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct tiktok_post post = good_post();
		struct json_object *info;
		post.allow_comment = bits & 1;
		post.allow_duet = bits & 2;
		post.allow_stitch = bits & 4;
		post.your_brand = bits & 8;
		post.branded_content = bits & 16;
		post.is_aigc = bits & 32;
		struct http_request request = tiktok_init_request(&tiktok, &arena, bearer, &post);
		CLEANUP(json_object_put) struct json_object *body = parsed_body(&request);
		assert_status(json_get_object(body, "post_info", &info), STATUS_OK);
		assert_int_equal(json_object_object_length(info), 9);
		assert_bool(info, "disable_comment", !(bits & 1));
		assert_bool(info, "disable_duet", !(bits & 2));
		assert_bool(info, "disable_stitch", !(bits & 4));
		assert_bool(info, "brand_organic_toggle", bits & 8);
		assert_bool(info, "brand_content_toggle", bits & 16);
		assert_bool(info, "is_aigc", bits & 32);
	}
}

static void a_caption_goes_out_as_it_was_written(void **state)
{
	(void)state;
	static const char *const captions[] = {
		"", "two\nlines\tand a tab", "\"quotes\" \\ and </script>",
		"Привет 😀 👨‍👩‍👧‍👦 @friend #тег",
		"{{caption}} %s %2A &amp;"
	};
	for (size_t i = 0; i < ARRAY_SIZE(captions); i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct tiktok_post post = good_post();
		struct json_object *info;
		const char *title;
		post.caption = captions[i];
		struct http_request request = tiktok_init_request(&tiktok, &arena, bearer, &post);
		CLEANUP(json_object_put) struct json_object *body = parsed_body(&request);
		assert_status(json_get_object(body, "post_info", &info), STATUS_OK);
		assert_status(json_get_string(info, "title", &title), STATUS_OK);
		assert_string_equal(title, captions[i]);
	}
}

static void a_draft_has_no_post_info(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_post post = good_post();
	post.draft = true;
	post.is_aigc = true;
	struct http_request request = tiktok_init_request(&tiktok, &arena, bearer, &post);
	assert_json(&request, "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
		    "{\"source_info\":{\"source\":\"FILE_UPLOAD\",\"video_size\":50000123,"
		    "\"chunk_size\":50000123,\"total_chunk_count\":1}}");
	assert_true(request.fresh_connection);
}

/* A pull has an address and no plan (3.2), in both modes. */
static void a_pull_says_its_address_and_no_sizes(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_post post = good_post();
	post.pull_url = "https://post.example.org/pull/a\"b";
	struct http_request request = tiktok_init_request(&tiktok, &arena, bearer, &post);
	assert_string_equal(request.url, "https://open.tiktokapis.com/v2/post/publish/video/init/");
	assert_contains(request.body, ",\"source_info\":{\"source\":\"PULL_FROM_URL\","
				      "\"video_url\":\"https://post.example.org/pull/a\\\"b\"}}");
	assert_contains(request.body, "{\"post_info\":{\"privacy_level\":\"SELF_ONLY\",");
	assert_true(request.fresh_connection);
	post.draft = true;
	post.pull_url = "https://post.example.org/pull/a";
	request = tiktok_init_request(&tiktok, &arena, bearer, &post);
	assert_json(&request, "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
		    "{\"source_info\":{\"source\":\"PULL_FROM_URL\","
		    "\"video_url\":\"https://post.example.org/pull/a\"}}");
}

static void a_pull_is_cancelled_by_its_id(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct http_request request =
		tiktok_cancel_request(&tiktok, &arena, bearer, "v_pub_url~v2-1.7");
	assert_json(&request, "https://open.tiktokapis.com/v2/post/publish/cancel/",
		    "{\"publish_id\":\"v_pub_url~v2-1.7\"}");
}

/* The fields go into the query, the page into the body (2.2). */
static void the_newest_videos_are_asked_for(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct http_request request = tiktok_video_list_request(&tiktok, &arena, bearer);
	assert_json(&request,
		    "https://open.tiktokapis.com/v2/video/list/"
		    "?fields=id,create_time,video_description,title,share_url",
		    "{\"max_count\":20}");
	assert_int_equal(request.max_answer, 256 * 1024);
}

/* What TikTok checks at init (3.5.1): the count is the floor, and one chunk is the whole video. */
static void init_says_the_plan_exactly(void **state)
{
	(void)state;
	static const int64_t sizes[] = { 1,	   4999999,   64000000,	 64000001,
					 67108864, 121000000, 4000000000 };
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct chunk_plan plan;
		assert_status(chunk_plan_make(sizes[i], &plan), STATUS_OK);
		struct tiktok_post post = good_post();
		post.video_size = plan.total;
		post.chunk_size = plan.size;
		post.chunk_count = plan.count;
		struct http_request request = tiktok_init_request(&tiktok, &arena, bearer, &post);
		CLEANUP(json_object_put) struct json_object *body = parsed_body(&request);
		struct json_object *source;
		int64_t total, size, count;
		assert_status(json_get_object(body, "source_info", &source), STATUS_OK);
		assert_status(json_get_int(source, "video_size", &total), STATUS_OK);
		assert_status(json_get_int(source, "chunk_size", &size), STATUS_OK);
		assert_status(json_get_int(source, "total_chunk_count", &count), STATUS_OK);
		assert_int_equal(total, sizes[i]);
		assert_int_equal(count, total / size);
		if (count == 1)
			assert_int_equal(size, total);
	}
}

static void a_chunk_is_put_without_the_token(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct secret url = {
		"https://open-upload.tiktokapis.com/video/?upload_id=7&upload_token=x", 67
	};
	struct http_request request =
		tiktok_chunk_request(&arena, url, 5, 40000000, 50000122, 50000123, "video/mp4");
	assert_string_equal(request.method, "PUT");
	assert_string_equal(request.url, url.bytes);
	assert_null(request.bearer.bytes);
	assert_string_equal(request.content_type, "video/mp4");
	assert_string_equal(request.content_range, "bytes 40000000-50000122/50000123");
	assert_true(request.body_from_file);
	assert_int_equal(request.body_fd, 5);
	assert_int_equal(request.body_offset, 40000000);
	assert_int_equal(request.body_size, 10000123);
	assert_null(request.body);
	/* A slow line is no fault: only standing still is. */
	assert_int_equal(request.timeout_seconds, 0);
}

static void chunks_cover_the_video_without_gap_or_overlap(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct chunk_plan plan;
	int64_t next = 0;
	assert_status(chunk_plan_make(4000000000, &plan), STATUS_OK);
	for (int64_t i = 0; i < plan.count; i++) {
		int64_t first, last;
		chunk_range(&plan, i, &first, &last);
		struct http_request request =
			tiktok_chunk_request(&arena, (struct secret){ "https://u", 9 }, 5, first,
					     last, plan.total, "video/webm");
		assert_string_equal(request.content_range,
				    arena_printf(&arena, "bytes %lld-%lld/4000000000",
						 (long long)next,
						 (long long)(next + request.body_size - 1)));
		assert_int_equal(request.body_offset, next);
		next += request.body_size;
	}
	assert_int_equal(next, 4000000000);
}

static void each_container_has_its_type(void **state)
{
	(void)state;
	assert_string_equal(tiktok_content_type("mp4"), "video/mp4");
	assert_string_equal(tiktok_content_type("mov"), "video/quicktime");
	assert_string_equal(tiktok_content_type("webm"), "video/webm");
	assert_string_equal(tiktok_content_type(NULL), "video/mp4");
}

static bool is_safe(const char *api_url, const char *url)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct config other = config;
	other.tiktok_api_url = api_url;
	return tiktok_upload_url_is_safe(&(struct tiktok){ &other, { 0 } }, &arena, url);
}

static void bytes_go_only_to_tiktok(void **state)
{
	(void)state;
	static const char *const good[] = {
		"https://open-upload.tiktokapis.com/video/?upload_id=7&upload_token=x",
		"https://open-upload-sg.tiktokapis.com/upload?x",
		"https://a.b.tiktokapis.com/",
		"https://OPEN-UPLOAD.TikTokAPIs.com/video/",
		"HTTPS://open-upload.tiktokapis.com/video/",
		"https://open-upload.tiktokapis.com:443/video/",
	};
	static const char *const bad[] = {
		"",
		"open-upload.tiktokapis.com/video/",
		"//open-upload.tiktokapis.com/video/",
		"http://open-upload.tiktokapis.com/video/",
		"ftp://open-upload.tiktokapis.com/video/",
		"file:///etc/passwd",
		"gopher://open-upload.tiktokapis.com/",
		"https://tiktokapis.com/video/",
		"https://.tiktokapis.com/video/",
		"https://eviltiktokapis.com/video/",
		"https://open-upload.tiktokapis.com.evil.example/video/",
		"https://open-upload.tiktokapis.com@evil.example/video/",
		"https://user@open-upload.tiktokapis.com/video/",
		"https://user:pw@open-upload.tiktokapis.com/video/",
		"https://evil.example/?.tiktokapis.com",
		"https://evil.example/.tiktokapis.com",
		"https://evil.example#.tiktokapis.com",
		"https://evil.example\\.tiktokapis.com/",
		"https://evil.example%2f.tiktokapis.com/",
		"https://evil.example%00.tiktokapis.com/",
		"https://evil.example:443.tiktokapis.com/",
		"https://evil.example/\r\nHost: a.tiktokapis.com",
		"https://open-upload.tiktokapis.com evil.example/",
		"https://127.0.0.1/video/",
		"http://127.0.0.1:8080/video/",
		"https://169.254.169.254/latest/",
		"https://[::1]/video/",
		"https://tiktokapis.com./video/",
		"https:///video/",
		"javascript:alert(1)",
	};
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (!is_safe("https://open.tiktokapis.com", good[i]))
			fail_msg("%s is refused", good[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (is_safe("https://open.tiktokapis.com", bad[i]))
			fail_msg("%s is taken", bad[i]);
	}
}

/* With the sandbox, bytes go to its host, on any port, and still to no other loopback name. */
static void with_the_sandbox_bytes_go_to_its_host(void **state)
{
	(void)state;
	const char *api = "http://127.0.0.1:18090";
	assert_true(is_safe(api, "http://127.0.0.1:18090/upload/7"));
	assert_true(is_safe(api, "http://127.0.0.1:18091/upload/7"));
	assert_true(is_safe(api, "https://127.0.0.1/upload/7"));
	assert_false(is_safe(api, "http://localhost:18090/upload/7"));
	assert_false(is_safe(api, "http://127.0.0.2:18090/upload/7"));
	assert_false(is_safe(api, "http://evil.example/upload/7"));
	assert_false(is_safe(api, "http://127.0.0.1:18090@evil.example/upload/7"));
	assert_false(is_safe(api, "http://127.0.0.1.evil.example/upload/7"));
	assert_false(is_safe(api, "ftp://127.0.0.1:18090/upload/7"));
	assert_true(is_safe("http://[::1]:1", "http://[::1]:2/upload/7"));
}

static void an_address_is_split_into_scheme_and_host(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	const char *scheme = "before", *host = "before";
	assert_status(http_url_split(&arena, "ftp://a.example/", &scheme, &host), STATUS_INVALID);
	assert_status(http_url_split(&arena, "a.example", &scheme, &host), STATUS_INVALID);
	assert_status(http_url_split(&arena, "https://u@a.example", &scheme, &host),
		      STATUS_INVALID);
	assert_status(http_url_split(&arena, "mailto:a@example", &scheme, &host), STATUS_INVALID);
	assert_status(http_url_split(&arena, "", &scheme, &host), STATUS_INVALID);
	assert_string_equal(scheme, "before");
	assert_string_equal(host, "before");
	assert_status(http_url_split(&arena, "HTTP://A.Example:80/Path", &scheme, &host),
		      STATUS_OK);
	assert_string_equal(scheme, "http");
	assert_string_equal(host, "a.example");
}

static void a_scope_is_one_word_of_the_list(void **state)
{
	(void)state;
	const char *list = "user.info.basic,video.publish, video.upload";
	assert_true(tiktok_scope_has(list, "user.info.basic"));
	assert_true(tiktok_scope_has(list, "video.publish"));
	assert_true(tiktok_scope_has(list, "video.upload"));
	assert_false(tiktok_scope_has(list, "video"));
	assert_false(tiktok_scope_has(list, "video.list"));
	assert_false(tiktok_scope_has(list, "video.publis"));
	assert_false(tiktok_scope_has(list, "video.publish.x"));
	assert_false(tiktok_scope_has(list, "Video.Publish"));
	assert_false(tiktok_scope_has("", "video.publish"));
	assert_false(tiktok_scope_has(NULL, "video.publish"));
	assert_false(tiktok_scope_has(",,,", "video.publish"));
	assert_true(tiktok_scope_has(",,video.publish,", "video.publish"));
}

static void a_post_has_a_public_address(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_string_equal(tiktok_public_url(&arena, "sample_creator", "7000000000000000001"),
			    "https://www.tiktok.com/@sample_creator/video/7000000000000000001");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_consent_page_is_asked_for_with_all_parameters),
		cmocka_unit_test(a_code_with_stars_and_marks_is_encoded_once),
		cmocka_unit_test(refresh_and_revoke_send_their_token),
		cmocka_unit_test(user_info_asks_only_for_what_was_granted),
		cmocka_unit_test(creator_info_and_status_have_small_bodies),
		cmocka_unit_test(a_direct_post_says_everything),
		cmocka_unit_test(every_switch_is_sent_whatever_it_says),
		cmocka_unit_test(a_caption_goes_out_as_it_was_written),
		cmocka_unit_test(a_draft_has_no_post_info),
		cmocka_unit_test(a_pull_says_its_address_and_no_sizes),
		cmocka_unit_test(a_pull_is_cancelled_by_its_id),
		cmocka_unit_test(the_newest_videos_are_asked_for),
		cmocka_unit_test(init_says_the_plan_exactly),
		cmocka_unit_test(a_chunk_is_put_without_the_token),
		cmocka_unit_test(chunks_cover_the_video_without_gap_or_overlap),
		cmocka_unit_test(each_container_has_its_type),
		cmocka_unit_test(bytes_go_only_to_tiktok),
		cmocka_unit_test(with_the_sandbox_bytes_go_to_its_host),
		cmocka_unit_test(an_address_is_split_into_scheme_and_host),
		cmocka_unit_test(a_scope_is_one_word_of_the_list),
		cmocka_unit_test(a_post_has_a_public_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
