/* Our post among the creator's videos: found where there is no doubt. */
#include "unit.h"

#include "publish/link.h"

enum { SENT = 1795000000, HOUR = 3600 };

/* The id that is found for a post among these videos, "" for none. */
static const char *found(struct tiktok_video *videos, size_t count, const struct link_post *post)
{
	static char id[32];
	CLEANUP(arena) struct arena arena = { 0 };
	struct tiktok_video_list list = { videos, count };
	const struct tiktok_video *video = link_find(&arena, &list, post);
	snprintf(id, sizeof(id), "%s", video ? video->id : "");
	return id;
}

static struct tiktok_video video_of(const char *id, int64_t age, const char *description)
{
	return (struct tiktok_video){ .id = id,
				      .create_time = SENT + age,
				      .description = description,
				      .title = "",
				      .share_url = "" };
}

/* Whether a caption is recognised in what TikTok shows of it. */
static bool matches(const char *caption, const char *description)
{
	struct tiktok_video video = video_of("7", 5, description);
	return *found(&video, 1, &(struct link_post){ .caption = caption, .sent_at = SENT }) !=
	       '\0';
}

static const char *repeat(struct arena *arena, const char *text, int count)
{
	const char *all = "";
	for (int i = 0; i < count; i++)
		all = arena_printf(arena, "%s%s", all, text);
	return all;
}

static void the_video_with_the_caption_is_the_post(void **state)
{
	(void)state;
	struct tiktok_video videos[] = {
		video_of("7000000000000000009", 10, "another"),
		video_of("7000000000000000007", 8, "Grüße 🎬 #tag"),
		video_of("7000000000000000005", -HOUR, "Grüße 🎬 #tag"),
		video_of("7000000000000000003", 9, "Grüße 🎬"),
	};
	struct link_post post = { .caption = "Grüße 🎬 #tag", .sent_at = SENT };
	assert_string_equal(found(videos, ARRAY_SIZE(videos), &post), "7000000000000000007");
	assert_string_equal(found(videos, 1, &post), "");
	assert_string_equal(found(videos, 0, &post), "");
	post.caption = "Something else";
	assert_string_equal(found(videos, ARRAY_SIZE(videos), &post), "");
}

static void the_title_will_do(void **state)
{
	(void)state;
	struct tiktok_video video = video_of("7", 5, "");
	video.title = "Hello";
	struct link_post post = { .caption = "Hello", .sent_at = SENT };
	assert_string_equal(found(&video, 1, &post), "7");
}

static void only_the_time_of_the_post_counts(void **state)
{
	(void)state;
	static const struct {
		int64_t age;
		bool good;
	} cases[] = {
		{ -61, false },
		{ -60, true },
		{ 0, true },
		{ 72 * HOUR, true },
		{ 72 * HOUR + 1, false },
		{ -SENT, false },
		{ INT64_MAX - SENT - 1, false },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tiktok_video video = video_of("7", cases[i].age, "Hello");
		struct link_post post = { .caption = "Hello", .sent_at = SENT };
		assert_string_equal(found(&video, 1, &post), cases[i].good ? "7" : "");
	}
}

static void two_that_could_be_it_are_a_doubt(void **state)
{
	(void)state;
	struct tiktok_video videos[] = {
		video_of("7", 5, "Hello"),
		video_of("8", HOUR, " hello"),
		video_of("9", HOUR, "Hello\n"),
	};
	struct link_post post = { .caption = "Hello", .sent_at = SENT };
	assert_string_equal(found(videos, 2, &post), "7");
	assert_string_equal(found(videos, 3, &post), "");
	/* Listed twice it is still one. */
	videos[2].id = "7";
	assert_string_equal(found(videos, 3, &post), "7");
}

static void the_video_of_another_post_is_not_ours(void **state)
{
	(void)state;
	static const char *const taken[] = { "70", "8" };
	struct tiktok_video videos[] = { video_of("8", 5, "Hello"), video_of("7", HOUR, "Hello") };
	struct link_post post = {
		.caption = "Hello", .sent_at = SENT, .taken = taken, .taken_count = 2
	};
	assert_string_equal(found(videos, 2, &post), "7");
	assert_string_equal(found(videos, 1, &post), "");
	post.has_rival = true;
	assert_string_equal(found(videos, 2, &post), "");
}

static void a_post_without_a_caption_has_only_its_time(void **state)
{
	(void)state;
	static const char *const captions[] = { "", " ", "\n\t\u3000" };
	for (size_t i = 0; i < ARRAY_SIZE(captions); i++) {
		struct link_post post = { .caption = captions[i], .sent_at = SENT };
		struct tiktok_video videos[] = {
			video_of("7", 600, ""),	    video_of("8", 601, ""), video_of("9", -61, " "),
			video_of("10", 5, "Hello"), video_of("11", 5, ""),
		};
		videos[4].title = "Hello";
		assert_string_equal(found(videos, ARRAY_SIZE(videos), &post), "7");
		videos[1].create_time = SENT - 60;
		assert_string_equal(found(videos, ARRAY_SIZE(videos), &post), "");
	}
	/* And one with a caption is no video without. */
	assert_false(matches("Hello", ""));
	assert_false(matches("Hello", " "));
	assert_false(matches("", "\xef\xbf\xbd"));
}

static void white_space_may_be_cut_and_folded(void **state)
{
	(void)state;
	assert_true(matches("  Hello world\n", "Hello world"));
	assert_true(matches("Hello world", "\u00a0Hello world\u2028"));
	assert_true(matches("Hello\n\nworld  #tag", "Hello world #tag"));
	assert_true(matches("Hello\r\nworld", "Hello\nworld"));
	assert_true(matches("Hello world", "Hello \t world"));
	assert_false(matches("Hello world", "Helloworld"));
	assert_false(matches("Hello world", "Hello world!"));
	assert_false(matches("Hello world", "Hello worl"));
	assert_false(matches("Hello", "hello"));
}

static void a_long_caption_is_known_by_its_first_150_characters(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	/* One, two, three and four bytes to a character. */
	static const char *const letters[] = { "a", "ß", "世", "😀" };
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++) {
		const char *caption = repeat(&arena, letters[i], 300);
		const char *shown = repeat(&arena, letters[i], 150);
		assert_true(matches(caption, shown));
		assert_true(matches(arena_printf(&arena, " %s", caption), shown));
		assert_true(matches(caption, caption));
		assert_true(matches(arena_printf(&arena, "%s...", shown), shown));
		assert_true(matches(arena_printf(&arena, "%s\n", shown), shown));
		assert_true(matches(shown, shown));
		assert_false(matches(caption, repeat(&arena, letters[i], 149)));
		assert_false(matches(caption, arena_printf(&arena, "b%s", shown)));
		assert_false(matches(arena_printf(&arena, "%sx", repeat(&arena, letters[i], 74)),
				     repeat(&arena, letters[i], 74)));
	}
	/* White space where it is cut falls away. */
	const char *start = repeat(&arena, "x", 148);
	assert_true(matches(arena_printf(&arena, "%s   and more", start), start));
	assert_false(matches(arena_printf(&arena, "%s and more", start), start));
}

/* A character may as well be a UTF-16 code unit: 75 emoji are then all that is shown. */
static void a_character_may_be_a_utf16_unit(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	assert_true(matches(repeat(&arena, "😀", 100), repeat(&arena, "😀", 75)));
	assert_true(matches(repeat(&arena, "😀", 100), repeat(&arena, "😀", 100)));
	assert_false(matches(repeat(&arena, "😀", 100), repeat(&arena, "😀", 74)));
	/* A pair is not torn: the 150th unit would be half of one. */
	assert_true(matches(arena_printf(&arena, "x%s", repeat(&arena, "😀", 100)),
			    arena_printf(&arena, "x%s", repeat(&arena, "😀", 74))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_video_with_the_caption_is_the_post),
		cmocka_unit_test(the_title_will_do),
		cmocka_unit_test(only_the_time_of_the_post_counts),
		cmocka_unit_test(two_that_could_be_it_are_a_doubt),
		cmocka_unit_test(the_video_of_another_post_is_not_ours),
		cmocka_unit_test(a_post_without_a_caption_has_only_its_time),
		cmocka_unit_test(white_space_may_be_cut_and_folded),
		cmocka_unit_test(a_long_caption_is_known_by_its_first_150_characters),
		cmocka_unit_test(a_character_may_be_a_utf16_unit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
