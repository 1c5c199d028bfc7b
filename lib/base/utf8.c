/* UTF-8 checks. */
#include "base/utf8.h"

#include <string.h>

/* Bytes of the sequence at text (1 to 4), 0 when it is not well formed. */
static size_t sequence_length(const unsigned char *text, size_t left)
{
	if (text[0] < 0x80)
		return 1;
	size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	if (text[0] < 0xc2 || text[0] > 0xf4 || left < length)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	bool bad = (text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
		   (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f);
	return bad ? 0 : length;
}

bool utf8_is_valid(const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	for (size_t i = 0; i < length;) {
		size_t step = bytes[i] ? sequence_length(bytes + i, length - i) : 0;
		if (step == 0)
			return false;
		i += step;
	}
	return true;
}

size_t utf8_utf16_length(const char *text)
{
	size_t units = 0;
	for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
		if ((*byte & 0xc0) != 0x80)
			units += *byte >= 0xf0 ? 2 : 1;
	}
	return units;
}

bool utf8_is_printable(const char *text, bool lines)
{
	for (const unsigned char *byte = (const unsigned char *)text; *byte; byte++) {
		bool line = lines && (*byte == '\n' || *byte == '\t');
		bool c1 = byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] < 0xa0;
		if ((*byte < 0x20 && !line) || *byte == 0x7f || c1)
			return false;
	}
	return true;
}

uint32_t utf8_decode(const char *text, size_t *ret_length)
{
	const unsigned char *bytes = (const unsigned char *)text;
	/* The NUL at the end of text is no continuation: nothing behind it is read. */
	size_t length = sequence_length(bytes, 4);
	*ret_length = length > 0 ? length : 1;
	if (length == 0)
		return 0xfffd;
	if (length == 1)
		return bytes[0];
	uint32_t point = bytes[0] & (0x7fU >> length);
	for (size_t i = 1; i < length; i++)
		point = point << 6 | (bytes[i] & 0x3fU);
	return point;
}

bool utf8_is_space(uint32_t point)
{
	return (point >= 0x09 && point <= 0x0d) || point == 0x20 || point == 0x85 ||
	       point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200a) ||
	       point == 0x2028 || point == 0x2029 || point == 0x202f || point == 0x205f ||
	       point == 0x3000;
}
