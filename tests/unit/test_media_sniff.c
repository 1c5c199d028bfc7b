/* The magic check: heads, outlines and tails of files, good, foreign, cut off and disguised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "media/outline.h"
#include "media/sniff.h"
#include "media/video.h"

#define HEAD(text) (const uint8_t *)(text), sizeof(text) - 1

#define FTYP_MP4                                                                                   \
	"\0\0\0\x18"                                                                               \
	"ftypisom\0\0\2\0isommp41"
#define FTYP_MOV                                                                                   \
	"\0\0\0\x14"                                                                               \
	"ftypqt  \0\0\2\0qt  "
#define MOOV                                                                                       \
	"\0\0\0\x10"                                                                               \
	"moov12345678"
#define MDAT                                                                                       \
	"\0\0\0\x10"                                                                               \
	"mdat12345678"
#define MOOF                                                                                       \
	"\0\0\0\x10"                                                                               \
	"moof12345678"
/* EBML header of 9 bytes: version 1 and DocType. */
#define EBML(type) "\x1a\x45\xdf\xa3\x8b\x42\x86\x81\x01\x42\x82\x84" type

static void assert_head(const uint8_t *head, size_t length, enum sniff_kind kind)
{
	struct video_verdict verdict = { 0 };
	enum sniff_kind found;
	assert_int_equal(sniff_head(head, length, &found, &verdict), STATUS_OK);
	assert_int_equal(found, kind);
}

static void assert_no_head(const uint8_t *head, size_t length, enum video_refusal refusal,
			   const char *word)
{
	struct video_verdict verdict = { 0 };
	enum sniff_kind found;
	assert_int_equal(sniff_head(head, length, &found, &verdict), STATUS_INVALID);
	assert_int_equal(verdict.refusal, refusal);
	if (!strstr(verdict.message, word))
		fail_msg("no '%s' in: %s", word, verdict.message);
}

/* A file in memory; the verdict on it. */
static enum video_refusal judge_file(const char *bytes, size_t length, struct sniff *ret_sniff)
{
	int fd = memfd_create("sniff", MFD_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	struct video_verdict verdict = { 0 };
	enum status st = sniff_file(fd, (int64_t)length, ret_sniff, &verdict);
	close(fd);
	assert_int_equal(st == STATUS_OK, verdict.refusal == VIDEO_ACCEPTED);
	return verdict.refusal;
}

#define JUDGE(text, sniff) judge_file(text, sizeof(text) - 1, sniff)

static void brands_tell_mp4_from_mov(void **state)
{
	(void)state;
	assert_head(HEAD(FTYP_MP4), SNIFF_MP4);
	assert_head(HEAD(FTYP_MOV), SNIFF_MOV);
	/* A telephone: main brand 3gp4, MP4 among the compatible ones. */
	assert_head(HEAD("\0\0\0\x1c"
			 "ftyp3gp4\0\0\0\0isom3gp4mp42"),
		    SNIFF_MP4);
	assert_no_head(HEAD("\0\0\0\x14"
			    "ftyp3gp4\0\0\0\0"
			    "3gp4"),
		       VIDEO_FILE_FORMAT, "Export");
}

static void pictures_and_sound_in_mp4_dress_are_named(void **state)
{
	(void)state;
	assert_no_head(HEAD("\0\0\0\x18"
			    "ftypheic\0\0\0\0mif1isom"),
		       VIDEO_NOT_A_VIDEO, "picture");
	assert_no_head(HEAD("\0\0\0\x18"
			    "ftypM4A \0\0\0\0isommp42"),
		       VIDEO_NOT_A_VIDEO, "sound");
}

static void ftyp_of_a_mad_size_is_refused(void **state)
{
	(void)state;
	static const char *const sizes[] = { "\0\0\0\0",   "\0\0\0\x08", "\0\0\0\x0f",
					     "\0\0\0\x1a", "\0\0\0\x40", "\xff\xff\xff\xff" };
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint8_t head[24];
		memcpy(head, FTYP_MP4, 24);
		memcpy(head, sizes[i], 4);
		assert_no_head(head, sizeof(head), VIDEO_FILE_FORMAT, "damaged");
	}
}

static void webm_is_told_from_matroska(void **state)
{
	(void)state;
	assert_head(HEAD(EBML("webm")), SNIFF_WEBM);
	assert_no_head(HEAD("\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska"), VIDEO_FILE_FORMAT, "MKV");
	/* No type, a type longer than the header, a header longer than the file. */
	assert_no_head(HEAD("\x1a\x45\xdf\xa3\x84\x42\x86\x81\x01"), VIDEO_FILE_FORMAT, "damaged");
	assert_no_head(HEAD("\x1a\x45\xdf\xa3\x87\x42\x82\x88webm"), VIDEO_FILE_FORMAT, "damaged");
	assert_no_head(HEAD("\x1a\x45\xdf\xa3\xff"), VIDEO_FILE_FORMAT, "damaged");
	assert_no_head(HEAD("\x1a\x45\xdf\xa3"), VIDEO_FILE_FORMAT, "damaged");
}

static void strangers_are_called_by_name(void **state)
{
	(void)state;
	assert_no_head(HEAD("PK\3\4rest"), VIDEO_NOT_A_VIDEO, "ZIP");
	assert_no_head(HEAD("#EXTM3U\nfile:///etc/passwd\n"), VIDEO_NOT_A_VIDEO, "playlist");
	assert_no_head(HEAD("ffconcat version 1.0\n"), VIDEO_NOT_A_VIDEO, "playlist");
	assert_no_head(HEAD("\0\0\0\x08wide\0\0\0\x08mdat"), VIDEO_FILE_FORMAT, "QuickTime");
	assert_no_head(HEAD("RIFF1234AVI LIST"), VIDEO_FILE_FORMAT, "AVI");
	assert_no_head(HEAD("\xff\xd8\xff\xe0"), VIDEO_NOT_A_VIDEO, "JPEG");
	assert_no_head(HEAD(""), VIDEO_NOT_A_VIDEO, "empty");
	assert_no_head(HEAD("x"), VIDEO_NOT_A_VIDEO, "not a video");
	assert_no_head(HEAD("1234ftyp"), VIDEO_NOT_A_VIDEO, "not a video");
}

static void documents_in_the_head_are_refused(void **state)
{
	(void)state;
	assert_no_head(HEAD(FTYP_MP4 "\0\0\0\x20"
				     "free<SCRIPT>alert(1)</SC"),
		       VIDEO_FILE_FORMAT, "document");
	assert_no_head(HEAD(FTYP_MP4 "\0\0\0\x20"
				     "free%PDF-1.7"),
		       VIDEO_FILE_FORMAT, "document");
	assert_no_head(HEAD(EBML("webm") "<html>"), VIDEO_FILE_FORMAT, "document");
}

static void whole_files_pass(void **state)
{
	(void)state;
	struct sniff sniff;
	assert_int_equal(JUDGE(FTYP_MP4 MOOV MDAT, &sniff), VIDEO_ACCEPTED);
	assert_int_equal(sniff.kind, SNIFF_MP4);
	assert_false(sniff.fragmented);
	assert_int_equal(JUDGE(FTYP_MOV MDAT MOOV, &sniff), VIDEO_ACCEPTED);
	assert_int_equal(sniff.kind, SNIFF_MOV);
	assert_int_equal(JUDGE(FTYP_MP4 MOOV MOOF MDAT MOOF MDAT, &sniff), VIDEO_ACCEPTED);
	assert_true(sniff.fragmented);
	/* Sixty-four bit length; length to the end of the file; padding of a camera behind. */
	assert_int_equal(JUDGE(FTYP_MP4 MOOV "\0\0\0\1mdat\0\0\0\0\0\0\0\x12xx", &sniff),
			 VIDEO_ACCEPTED);
	assert_int_equal(JUDGE(FTYP_MP4 MOOV "\0\0\0\0mdat12345", &sniff), VIDEO_ACCEPTED);
	assert_int_equal(JUDGE(FTYP_MP4 MOOV MDAT "\0\0\0\0\0\0\0\0\0\0", &sniff), VIDEO_ACCEPTED);
	assert_int_equal(JUDGE(EBML("webm") "\x18\x53\x80\x67\x84"
					    "1234",
			       &sniff),
			 VIDEO_ACCEPTED);
	/* A recorder does not know the length. */
	assert_int_equal(JUDGE(EBML("webm") "\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
					    "1234",
			       &sniff),
			 VIDEO_ACCEPTED);
}

static void cut_off_files_are_known(void **state)
{
	(void)state;
	struct sniff sniff;
	static const char whole[] = FTYP_MP4 MOOV MDAT;
	for (size_t length = 24; length < sizeof(whole) - 1; length++)
		assert_int_equal(judge_file(whole, length, &sniff), VIDEO_TRUNCATED);
	static const char reversed[] = FTYP_MP4 MDAT MOOV;
	for (size_t length = 24; length < sizeof(reversed) - 1; length++)
		assert_int_equal(judge_file(reversed, length, &sniff), VIDEO_TRUNCATED);
	static const char webm[] = EBML("webm") "\x18\x53\x80\x67\x84"
						"1234";
	for (size_t length = 16; length < sizeof(webm) - 1; length++)
		assert_int_equal(judge_file(webm, length, &sniff), VIDEO_TRUNCATED);
}

static void lengths_that_overflow_are_harmless(void **state)
{
	(void)state;
	struct sniff sniff;
	assert_int_equal(
		JUDGE(FTYP_MP4 MOOV "\0\0\0\1mdat\x7f\xff\xff\xff\xff\xff\xff\xff", &sniff),
		VIDEO_TRUNCATED);
	assert_int_equal(
		JUDGE(FTYP_MP4 MOOV "\0\0\0\1mdat\xff\xff\xff\xff\xff\xff\xff\xff", &sniff),
		VIDEO_TRUNCATED);
	assert_int_equal(JUDGE(FTYP_MP4 MOOV "\0\0\0\1mdat\0\0\0\0\0\0\0\0", &sniff),
			 VIDEO_TRUNCATED);
	assert_int_equal(JUDGE(FTYP_MP4 "\xff\xff\xff\xff"
					"free1234",
			       &sniff),
			 VIDEO_TRUNCATED);
}

static void archives_behind_a_video_are_found(void **state)
{
	(void)state;
	struct sniff sniff;
#define END_RECORD                                                                                 \
	"PK\5\6"                                                                                   \
	"0123456789abcdef"
	assert_int_equal(JUDGE(FTYP_MP4 MOOV MDAT END_RECORD "\0\0", &sniff), VIDEO_FILE_FORMAT);
	assert_int_equal(JUDGE(FTYP_MP4 MOOV MDAT END_RECORD "\3\0abc", &sniff), VIDEO_FILE_FORMAT);
	/* The same four bytes by chance, no end record. */
	assert_int_equal(JUDGE(FTYP_MP4 MOOV MDAT "\0\0\0\x1e"
						  "free" END_RECORD "\7\0",
			       &sniff),
			 VIDEO_ACCEPTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(brands_tell_mp4_from_mov),
		cmocka_unit_test(pictures_and_sound_in_mp4_dress_are_named),
		cmocka_unit_test(ftyp_of_a_mad_size_is_refused),
		cmocka_unit_test(webm_is_told_from_matroska),
		cmocka_unit_test(strangers_are_called_by_name),
		cmocka_unit_test(documents_in_the_head_are_refused),
		cmocka_unit_test(whole_files_pass),
		cmocka_unit_test(cut_off_files_are_known),
		cmocka_unit_test(lengths_that_overflow_are_harmless),
		cmocka_unit_test(archives_behind_a_video_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
