/* ISO boxes and EBML elements at the outermost level: sixteen bytes each, nothing decoded. */
#include "media/outline.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "media/video.h"

enum {
	BOXES_MAX = 200000, /* ten minutes at 60 frames, each its own fragment, are 72000 */
	ELEMENTS_MAX = 64,  /* between the EBML header and the segment: padding at most */
	EBML_ID_DOC_TYPE = 0x4282,
	EBML_ID_SEGMENT = 0x18538067,
};

bool outline_read(int fd, void *bytes, size_t length, int64_t offset)
{
	uint8_t *at = bytes;
	while (length > 0) {
		ssize_t got = pread(fd, at, length, offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		length -= (size_t)got;
		offset += got;
	}
	return true;
}

static uint64_t big_endian(const uint8_t *bytes, size_t length)
{
	uint64_t value = 0;
	for (size_t i = 0; i < length; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* Box types are four letters; the first may be the copyright sign. */
static bool is_box_type(const uint8_t *type)
{
	for (size_t i = 0; i < 4; i++) {
		if ((type[i] < 0x20 || type[i] > 0x7e) && !(i == 0 && type[i] == 0xa9))
			return false;
	}
	return true;
}

/* One box at offset: its type and where it ends. False when there is no box. */
static bool read_box(int fd, int64_t offset, int64_t size, uint8_t type[4], uint64_t *ret_end)
{
	uint8_t head[16] = { 0 };
	size_t available = size - offset < 16 ? (size_t)(size - offset) : 16;
	if (available < 8 || !outline_read(fd, head, available, offset) || !is_box_type(head + 4))
		return false;
	uint64_t length = big_endian(head, 4);
	uint64_t header = 8;
	if (length == 1) {
		length = big_endian(head + 8, 8);
		header = 16;
	} else if (length == 0) {
		length = (uint64_t)(size - offset);
	}
	if (length < header || header > available || length > INT64_MAX / 2)
		return false;
	memcpy(type, head + 4, 4);
	*ret_end = (uint64_t)offset + length;
	return true;
}

static enum status cut_off(struct video_verdict *verdict)
{
	video_refuse(
		verdict, VIDEO_TRUNCATED,
		"The end of the video is missing. Export or copy it again, then upload that file.");
	return STATUS_INVALID;
}

enum status outline_iso(int fd, int64_t size, bool *ret_fragmented,
			struct video_verdict *ret_verdict)
{
	bool has_index = false, has_media = false, has_fragments = false;
	int64_t offset = 0;
	for (int boxes = 0; offset < size; boxes++) {
		if (boxes == BOXES_MAX) {
			video_refuse(ret_verdict, VIDEO_TOO_COMPLEX,
				     "The file is made of too many parts. Export it again as MP4.");
			return STATUS_INVALID;
		}
		uint8_t type[4];
		uint64_t end;
		/* Some cameras pad behind the last box; archives were looked for. */
		if (!read_box(fd, offset, size, type, &end))
			break;
		bool is_media = memcmp(type, "mdat", 4) == 0;
		bool is_index = memcmp(type, "moov", 4) == 0;
		bool is_fragment = memcmp(type, "moof", 4) == 0;
		if (end > (uint64_t)size && (is_media || is_index || is_fragment))
			return cut_off(ret_verdict);
		has_media |= is_media;
		has_index |= is_index;
		has_fragments |= is_fragment;
		offset = end > (uint64_t)size ? size : (int64_t)end;
	}
	if (has_index && has_media) {
		*ret_fragmented = has_fragments;
		return STATUS_OK;
	}
	if (has_index || !has_media)
		return cut_off(ret_verdict);
	video_refuse(
		ret_verdict, VIDEO_TRUNCATED,
		"The index of the video is missing, as after a recording or an export that was "
		"broken off. Export it again.");
	return STATUS_INVALID;
}

/*
 * An EBML variable-length number: the leading zero bits of the first byte tell its length. Ids keep
 * the length marker. Returns the bytes taken, 0 when there is none.
 */
static size_t read_vint(const uint8_t *bytes, size_t available, bool is_id, uint64_t *ret_value,
			bool *ret_unknown)
{
	if (available == 0 || bytes[0] == 0)
		return 0;
	size_t length = (size_t)__builtin_clz(bytes[0]) - 24 + 1;
	if (length > available || (is_id && length > 4))
		return 0;
	uint64_t value = big_endian(bytes, length);
	uint64_t mask = (UINT64_C(1) << (7 * length)) - 1;
	*ret_unknown = (value & mask) == mask;
	*ret_value = is_id ? value : value & mask;
	return length;
}

/* Id and size of the element at bytes; the bytes taken, 0 when there is none. */
static size_t read_element(const uint8_t *bytes, size_t available, uint64_t *ret_id,
			   uint64_t *ret_size, bool *ret_unknown)
{
	bool ignored;
	size_t id_length = read_vint(bytes, available, true, ret_id, &ignored);
	if (id_length == 0)
		return 0;
	size_t size_length =
		read_vint(bytes + id_length, available - id_length, false, ret_size, ret_unknown);
	return size_length == 0 ? 0 : id_length + size_length;
}

bool outline_ebml_type(const uint8_t *head, size_t length, char *type, size_t type_size)
{
	uint64_t id, size;
	bool unknown;
	size_t at = read_element(head, length, &id, &size, &unknown);
	if (at == 0 || unknown || size > length - at)
		return false;
	size_t end = at + (size_t)size;
	while (at < end) {
		size_t taken = read_element(head + at, end - at, &id, &size, &unknown);
		if (taken == 0 || unknown || size > end - at - taken)
			return false;
		at += taken;
		if (id == EBML_ID_DOC_TYPE) {
			if (size >= type_size)
				return false;
			memcpy(type, head + at, (size_t)size);
			type[size] = '\0';
			return true;
		}
		at += (size_t)size;
	}
	return false;
}

enum status outline_webm(int fd, int64_t size, struct video_verdict *ret_verdict)
{
	int64_t offset = 0;
	for (int elements = 0; elements < ELEMENTS_MAX && offset < size; elements++) {
		uint8_t head[12];
		size_t available = size - offset < 12 ? (size_t)(size - offset) : 12;
		uint64_t id, length;
		bool unknown;
		if (!outline_read(fd, head, available, offset))
			break;
		size_t taken = read_element(head, available, &id, &length, &unknown);
		if (taken == 0)
			break;
		/* Recorders in browsers do not know the size when they begin. */
		if (id == EBML_ID_SEGMENT && unknown)
			return STATUS_OK;
		if (unknown || length > (uint64_t)(size - offset) - taken)
			return cut_off(ret_verdict);
		if (id == EBML_ID_SEGMENT)
			return STATUS_OK;
		offset += (int64_t)taken + (int64_t)length;
	}
	return cut_off(ret_verdict);
}
