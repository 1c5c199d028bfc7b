/* TikTok's limits, each from both sides, and the words of a refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/status.h"
#include "media/video.h"

static struct video good_video(void)
{
	return (struct video){
		.container = "mp4",
		.codec = "h264",
		.audio_codec = "aac",
		.width = 1080,
		.height = 1920,
		.fps_milli = 30000,
		.duration_ms = 15000,
		.size = 20000000,
	};
}

static void assert_verdict(const struct video *video, enum video_refusal refusal)
{
	struct video_verdict verdict;
	video_judge(video, &verdict);
	assert_int_equal(verdict.refusal, refusal);
	assert_int_equal(verdict.message[0] == '\0', refusal == VIDEO_ACCEPTED);
}

static void a_usual_video_is_accepted(void **state)
{
	(void)state;
	struct video video = good_video();
	assert_verdict(&video, VIDEO_ACCEPTED);
}

static void size_is_at_most_four_thousand_million_bytes(void **state)
{
	(void)state;
	struct video video = good_video();
	video.size = INT64_C(4000000000);
	assert_verdict(&video, VIDEO_ACCEPTED);
	video.size++;
	assert_verdict(&video, VIDEO_FILE_FORMAT);
}

static void only_three_containers_pass(void **state)
{
	(void)state;
	static const char *const good[] = { "mp4", "mov", "webm" };
	struct video video = good_video();
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		video.container = good[i];
		assert_verdict(&video, VIDEO_ACCEPTED);
	}
	video.container = "";
	assert_verdict(&video, VIDEO_FILE_FORMAT);
	video.container = "avi";
	assert_verdict(&video, VIDEO_FILE_FORMAT);
}

static void only_four_codecs_pass(void **state)
{
	(void)state;
	static const char *const good[] = { "h264", "hevc", "vp8", "vp9" };
	static const char *const bad[] = { "", "av1", "prores", "mpeg4" };
	struct video video = good_video();
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		video.codec = good[i];
		assert_verdict(&video, VIDEO_ACCEPTED);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		video.codec = bad[i];
		assert_verdict(&video, VIDEO_FILE_FORMAT);
	}
}

static void duration_is_at_most_ten_minutes(void **state)
{
	(void)state;
	struct video video = good_video();
	video.duration_ms = 600999;
	assert_verdict(&video, VIDEO_ACCEPTED);
	video.duration_ms = 601000;
	assert_verdict(&video, VIDEO_DURATION);
	video.duration_ms = 1;
	assert_verdict(&video, VIDEO_ACCEPTED);
	video.duration_ms = 0;
	assert_verdict(&video, VIDEO_DURATION);
}

static void frame_rate_is_23_to_60_but_for_rounding(void **state)
{
	(void)state;
	static const int good[] = { 23000, 23976, 59940, 60000, 60020 };
	static const int bad[] = { 0, 15000, 22000, 62000, 120000 };
	struct video video = good_video();
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		video.fps_milli = good[i];
		assert_verdict(&video, VIDEO_ACCEPTED);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		video.fps_milli = bad[i];
		assert_verdict(&video, VIDEO_FRAME_RATE);
	}
}

static void both_sides_are_360_to_4096(void **state)
{
	(void)state;
	static const struct {
		int width, height;
		enum video_refusal refusal;
	} cases[] = {
		{ 360, 360, VIDEO_ACCEPTED },	    { 4096, 4096, VIDEO_ACCEPTED },
		{ 360, 4096, VIDEO_ACCEPTED },	    { 359, 640, VIDEO_PICTURE_SIZE },
		{ 640, 359, VIDEO_PICTURE_SIZE },   { 4097, 1080, VIDEO_PICTURE_SIZE },
		{ 1080, 4097, VIDEO_PICTURE_SIZE }, { 0, 0, VIDEO_PICTURE_SIZE },
	};
	struct video video = good_video();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		video.width = cases[i].width;
		video.height = cases[i].height;
		assert_verdict(&video, cases[i].refusal);
	}
}

static void a_refusal_tells_what_was_found(void **state)
{
	(void)state;
	struct video_verdict verdict;
	struct video video = good_video();
	video.fps_milli = 14985;
	video_judge(&video, &verdict);
	assert_string_equal(verdict.message,
			    "The video has 14.98 frames a second; TikTok takes 23 to 60. "
			    "Export it with a constant 30 frames a second.");
	assert_string_equal(video_refusal_code(verdict.refusal), "frame_rate_check_failed");
	video = good_video();
	video.size = INT64_C(4210000000);
	video_judge(&video, &verdict);
	assert_string_equal(verdict.message, "The file has 4.21 GB; TikTok takes at most 4 GB. "
					     "Export it with a lower bit rate.");
}

static void every_refusal_has_a_code(void **state)
{
	(void)state;
	for (int i = VIDEO_ACCEPTED; i <= VIDEO_TOO_COMPLEX; i++)
		assert_int_equal(video_refusal_code((enum video_refusal)i)[0] == '\0',
				 i == VIDEO_ACCEPTED);
}

static void every_container_that_passes_has_a_media_type(void **state)
{
	(void)state;
	assert_string_equal(video_content_type("mp4"), "video/mp4");
	assert_string_equal(video_content_type("mov"), "video/quicktime");
	assert_string_equal(video_content_type("webm"), "video/webm");
	assert_null(video_content_type("avi"));
	assert_null(video_content_type("mp4\r\nX: y"));
	assert_null(video_content_type(""));
	assert_null(video_content_type(NULL));
}

/* As refused by the checker: whether a repair is offered. */
static bool is_repairable(const struct video *video)
{
	struct video_verdict verdict;
	video_judge(video, &verdict);
	assert_int_not_equal(verdict.refusal, VIDEO_ACCEPTED);
	return video_is_repairable(video, video_refusal_code(verdict.refusal));
}

static void rate_codec_and_size_can_be_mended(void **state)
{
	(void)state;
	struct video video = good_video();
	video.fps_milli = 15000;
	assert_true(is_repairable(&video));
	video.codec = "mpeg4";
	assert_true(is_repairable(&video));
	video.width = video.height = 0;
	assert_true(is_repairable(&video));
	video = good_video();
	video.width = 200;
	assert_true(is_repairable(&video));
}

static void length_size_and_damage_cannot_be_mended(void **state)
{
	(void)state;
	struct video video = good_video();
	video.duration_ms = 700000;
	assert_false(is_repairable(&video));
	video.codec = "mpeg4";
	assert_false(is_repairable(&video));
	video = good_video();
	video.size = INT64_C(4000000001);
	assert_false(is_repairable(&video));
	video = good_video();
	video.codec = "";
	assert_false(is_repairable(&video));
	video = good_video();
	video.container = "";
	assert_false(is_repairable(&video));
	video = good_video();
	video.fps_milli = 0;
	assert_false(is_repairable(&video));
	video.fps_milli = 15000;
	assert_false(video_is_repairable(&video, "truncated"));
	assert_false(video_is_repairable(&video, "not_a_video"));
	assert_false(video_is_repairable(&video, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_usual_video_is_accepted),
		cmocka_unit_test(size_is_at_most_four_thousand_million_bytes),
		cmocka_unit_test(only_three_containers_pass),
		cmocka_unit_test(only_four_codecs_pass),
		cmocka_unit_test(duration_is_at_most_ten_minutes),
		cmocka_unit_test(frame_rate_is_23_to_60_but_for_rounding),
		cmocka_unit_test(both_sides_are_360_to_4096),
		cmocka_unit_test(a_refusal_tells_what_was_found),
		cmocka_unit_test(every_refusal_has_a_code),
		cmocka_unit_test(every_container_that_passes_has_a_media_type),
		cmocka_unit_test(rate_codec_and_size_can_be_mended),
		cmocka_unit_test(length_size_and_damage_cannot_be_mended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
