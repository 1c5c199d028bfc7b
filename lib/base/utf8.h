/* Text that people type: validity and the lengths that TikTok counts. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True for well-formed UTF-8 (no overlongs, no surrogates) without NUL. */
bool utf8_is_valid(const char *text, size_t length);

/* UTF-16 code units of valid UTF-8: what TikTok's caption limit of 2200 counts (reference 3.2). */
size_t utf8_utf16_length(const char *text);

/*
 * True when text holds no control characters (U+0000 to 001F, 007F to 009F) except, where lines is
 * set, tab and line feed.
 */
bool utf8_is_printable(const char *text, bool lines);

/*
 * The code point at the start of text, which is not empty, and its bytes; U+FFFD and 1 where it is
 * not well formed.
 */
uint32_t utf8_decode(const char *text, size_t *ret_length);

/* True for Unicode's White_Space. */
bool utf8_is_space(uint32_t point);
