/* The magic check: first bytes against TikTok's containers and what people mistake for them. */
#include "media/sniff.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "media/outline.h"
#include "media/video.h"

enum {
	FTYP_MAX = 256,			/* bytes: room for some sixty brands */
	ZIP_TAIL_MAX = 22 + UINT16_MAX, /* where the end record of an archive can start */
};

/* Files that are not ours, for a better sentence than "unknown". */
static const struct {
	size_t offset;
	const char *magic;
	size_t length;
	enum video_refusal refusal;
	const char *name;
} strangers[] = {
	{ 0, "PK\x03\x04", 4, VIDEO_NOT_A_VIDEO, "a ZIP archive" },
	{ 0, "Rar!\x1a\x07", 6, VIDEO_NOT_A_VIDEO, "a RAR archive" },
	{ 0, "7z\xbc\xaf\x27\x1c", 6, VIDEO_NOT_A_VIDEO, "a 7z archive" },
	{ 0, "\x1f\x8b", 2, VIDEO_NOT_A_VIDEO, "a gzip archive" },
	{ 0, "%PDF-", 5, VIDEO_NOT_A_VIDEO, "a PDF document" },
	{ 0, "#EXTM3U", 7, VIDEO_NOT_A_VIDEO, "a playlist (HLS)" },
	{ 0, "ffconcat", 8, VIDEO_NOT_A_VIDEO, "a playlist (concat)" },
	{ 0, "\xff\xd8\xff", 3, VIDEO_NOT_A_VIDEO, "a JPEG picture" },
	{ 0, "\x89PNG\r\n\x1a\n", 8, VIDEO_NOT_A_VIDEO, "a PNG picture" },
	{ 0, "GIF8", 4, VIDEO_NOT_A_VIDEO, "a GIF picture" },
	{ 8, "WEBP", 4, VIDEO_NOT_A_VIDEO, "a WebP picture" },
	{ 8, "WAVE", 4, VIDEO_NOT_A_VIDEO, "a sound file (WAV)" },
	{ 0, "ID3", 3, VIDEO_NOT_A_VIDEO, "a sound file (MP3)" },
	{ 4, "moov", 4, VIDEO_FILE_FORMAT, "an old QuickTime file" },
	{ 4, "mdat", 4, VIDEO_FILE_FORMAT, "an old QuickTime file" },
	{ 4, "wide", 4, VIDEO_FILE_FORMAT, "an old QuickTime file" },
	{ 0, "OggS", 4, VIDEO_FILE_FORMAT, "an Ogg file" },
	{ 8, "AVI ", 4, VIDEO_FILE_FORMAT, "an AVI file" },
	{ 0, "FLV\x01", 4, VIDEO_FILE_FORMAT, "a Flash video (FLV)" },
	{ 0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", 8, VIDEO_FILE_FORMAT, "a Windows Media file" },
	{ 0, "\x00\x00\x01\xba", 4, VIDEO_FILE_FORMAT, "an MPEG program stream" },
	{ 188, "\x47", 1, VIDEO_FILE_FORMAT, "an MPEG transport stream" },
};

/* Brands of the ftyp box: the family decides, whatever else the list names. */
static const char mp4_brands[][5] = {
	"isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "isoa",
	"isob", "isoc", "mp41", "mp42", "mp71", "avc1", "hvc1", "hev1", "M4V ", "M4VH",
	"M4VP", "MSNV", "dash", "msdh", "cmfc", "f4v ", "F4V ", "XAVC", "NDSC", "NDSH",
	"NDSM", "NDSP", "NDSS", "NDXC", "NDXH", "NDXM", "NDXP", "NDXS",
};
static const char picture_brands[][5] = { "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1",
					  "msf1", "avif", "avis", "crx ", "jp2 ", "jpx " };
static const char sound_brands[][5] = { "M4A ", "M4B ", "M4P ", "F4A ", "F4B " };

static bool brand_in(const char (*list)[5], size_t count, const uint8_t *brand)
{
	for (size_t i = 0; i < count; i++) {
		if (memcmp(list[i], brand, 4) == 0)
			return true;
	}
	return false;
}

#define BRAND_IN(list, brand) brand_in(list, ARRAY_SIZE(list), brand)

static bool contains(const uint8_t *bytes, size_t length, const char *lower)
{
	size_t wanted = strlen(lower);
	for (size_t i = 0; i + wanted <= length; i++) {
		size_t same = 0;
		while (same < wanted && tolower(bytes[i + same]) == lower[same])
			same++;
		if (same == wanted)
			return true;
	}
	return false;
}

/* A document that some other program would find in the head of an otherwise valid video. */
static bool hides_document(const uint8_t *head, size_t length)
{
	static const char *const marks[] = { "<html", "<!doctype", "<script", "<?php", "%pdf-" };
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		if (contains(head, length, marks[i]))
			return true;
	}
	return false;
}

static enum status judge_brands(const uint8_t *head, size_t length, enum sniff_kind *ret_kind,
				struct video_verdict *verdict)
{
	size_t box = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (box < 16 || box > FTYP_MAX || box > length || box % 4 != 0) {
		video_refuse(verdict, VIDEO_FILE_FORMAT,
			     "The beginning of the file is damaged. Export it again as MP4.");
		return STATUS_INVALID;
	}
	const uint8_t *major = head + 8;
	if (memcmp(major, "qt  ", 4) == 0) {
		*ret_kind = SNIFF_MOV;
		return STATUS_OK;
	}
	if (BRAND_IN(picture_brands, major)) {
		video_refuse(verdict, VIDEO_NOT_A_VIDEO,
			     "The file is a picture, not a video. Choose a video.");
		return STATUS_INVALID;
	}
	if (BRAND_IN(sound_brands, major)) {
		video_refuse(verdict, VIDEO_NOT_A_VIDEO,
			     "The file is a sound file, not a video. Choose a video.");
		return STATUS_INVALID;
	}
	/* Telephones write a 3GPP main brand and name MP4 among the compatible ones. */
	bool is_mp4 = BRAND_IN(mp4_brands, major);
	for (size_t at = 16; at < box && !is_mp4; at += 4)
		is_mp4 = BRAND_IN(mp4_brands, head + at);
	if (!is_mp4) {
		video_refuse(verdict, VIDEO_FILE_FORMAT,
			     "The file is a relative of MP4 that TikTok does not take. Export it "
			     "as MP4.");
		return STATUS_INVALID;
	}
	*ret_kind = SNIFF_MP4;
	return STATUS_OK;
}

static enum status judge_ebml(const uint8_t *head, size_t length, enum sniff_kind *ret_kind,
			      struct video_verdict *verdict)
{
	char type[16];
	if (!outline_ebml_type(head, length, type, sizeof(type))) {
		video_refuse(verdict, VIDEO_FILE_FORMAT,
			     "The beginning of the file is damaged. Export it again as MP4.");
		return STATUS_INVALID;
	}
	if (strcmp(type, "webm") != 0) {
		video_refuse(verdict, VIDEO_FILE_FORMAT,
			     "The file is Matroska (MKV); TikTok takes MP4, MOV and WebM. Export "
			     "it as MP4.");
		return STATUS_INVALID;
	}
	*ret_kind = SNIFF_WEBM;
	return STATUS_OK;
}

enum status sniff_head(const uint8_t *head, size_t length, enum sniff_kind *ret_kind,
		       struct video_verdict *ret_verdict)
{
	if (length == 0) {
		video_refuse(ret_verdict, VIDEO_NOT_A_VIDEO,
			     "The file is empty. Choose the video again.");
		return STATUS_INVALID;
	}
	bool is_iso = length >= 16 && memcmp(head + 4, "ftyp", 4) == 0;
	bool is_ebml = length >= 4 && memcmp(head, "\x1a\x45\xdf\xa3", 4) == 0;
	if (is_iso || is_ebml) {
		if (hides_document(head, length)) {
			video_refuse(ret_verdict, VIDEO_FILE_FORMAT,
				     "The file holds another document beside the video. Export it "
				     "again.");
			return STATUS_INVALID;
		}
		return is_iso ? judge_brands(head, length, ret_kind, ret_verdict)
			      : judge_ebml(head, length, ret_kind, ret_verdict);
	}
	for (size_t i = 0; i < ARRAY_SIZE(strangers); i++) {
		size_t offset = strangers[i].offset;
		if (length < offset + strangers[i].length ||
		    memcmp(head + offset, strangers[i].magic, strangers[i].length) != 0)
			continue;
		if (offset == 188 && head[0] != 0x47)
			continue;
		video_refuse(ret_verdict, strangers[i].refusal,
			     "The file is %s; TikTok takes MP4, MOV and WebM. %s",
			     strangers[i].name,
			     strangers[i].refusal == VIDEO_FILE_FORMAT ? "Export the video as MP4."
								       : "Choose a video.");
		return STATUS_INVALID;
	}
	video_refuse(ret_verdict, VIDEO_NOT_A_VIDEO,
		     "The file is not a video that we know; TikTok takes MP4, MOV and WebM.");
	return STATUS_INVALID;
}

/*
 * An archive is read from its end: a valid end record there makes the file a ZIP for every
 * unpacker, whatever its head says.
 */
static bool hides_archive(int fd, int64_t size)
{
	static uint8_t tail[ZIP_TAIL_MAX];
	size_t length = size < ZIP_TAIL_MAX ? (size_t)size : ZIP_TAIL_MAX;
	if (!outline_read(fd, tail, length, size - (int64_t)length))
		return false;
	for (size_t at = 0; at + 22 <= length; at++) {
		if (memcmp(tail + at, "PK\x05\x06", 4) != 0)
			continue;
		size_t comment = tail[at + 20] | (size_t)tail[at + 21] << 8;
		if (at + 22 + comment == length)
			return true;
	}
	return false;
}

enum status sniff_file(int fd, int64_t size, struct sniff *ret_sniff,
		       struct video_verdict *ret_verdict)
{
	uint8_t head[SNIFF_HEAD_MAX];
	size_t length = size < SNIFF_HEAD_MAX ? (size_t)size : SNIFF_HEAD_MAX;
	if (!outline_read(fd, head, length, 0)) {
		video_refuse(ret_verdict, VIDEO_TRUNCATED,
			     "The file could not be read. Upload it again.");
		return STATUS_INVALID;
	}
	struct sniff sniff = { 0 };
	enum status st = sniff_head(head, length, &sniff.kind, ret_verdict);
	if (st != STATUS_OK)
		return st;
	if (hides_archive(fd, size)) {
		video_refuse(ret_verdict, VIDEO_FILE_FORMAT,
			     "The file holds a ZIP archive beside the video. Export it again.");
		return STATUS_INVALID;
	}
	st = sniff.kind == SNIFF_WEBM ? outline_webm(fd, size, ret_verdict)
				      : outline_iso(fd, size, &sniff.fragmented, ret_verdict);
	if (st != STATUS_OK)
		return st;
	*ret_sniff = sniff;
	return STATUS_OK;
}

const char *sniff_kind_name(enum sniff_kind kind)
{
	switch (kind) {
	case SNIFF_MP4:
		return "mp4";
	case SNIFF_MOV:
		return "mov";
	case SNIFF_WEBM:
		return "webm";
	}
	return "";
}
