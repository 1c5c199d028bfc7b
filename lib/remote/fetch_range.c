/* Ranges. */
#include "remote/fetch_range.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"

enum { NUMBER_SIZE = 20, VALIDATOR_MAX = 250 };

/* The number that text begins with, up to the byte end; NULL: none. Returns what follows end. */
static const char *number_until(const char *text, char end, int64_t *ret_number)
{
	char digits[NUMBER_SIZE];
	size_t length = strspn(text, "0123456789");
	if (length == 0 || length >= sizeof(digits) || text[length] != end)
		return NULL;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (number_parse(digits, 0, INT64_MAX, ret_number) != STATUS_OK)
		return NULL;
	return text + length + (end != '\0');
}

enum status fetch_range_parse(const char *text, int64_t *ret_first, int64_t *ret_last,
			      int64_t *ret_total)
{
	static const char unit[] = "bytes ";
	int64_t first, last, total = -1;
	if (strncasecmp(text, unit, sizeof(unit) - 1) != 0)
		return STATUS_INVALID;
	text = number_until(text + sizeof(unit) - 1, '-', &first);
	if (text)
		text = number_until(text, '/', &last);
	if (!text || (strcmp(text, "*") != 0 && !number_until(text, '\0', &total)))
		return STATUS_INVALID;
	if (last < first || (total >= 0 && last >= total))
		return STATUS_INVALID;
	*ret_first = first;
	*ret_last = last;
	*ret_total = total;
	return STATUS_OK;
}

const char *fetch_range_validator(const char *etag, const char *last_modified)
{
	/* Weak ones do not promise the same bytes. */
	if (etag && *etag == '"' && strlen(etag) <= VALIDATOR_MAX)
		return etag;
	return !etag && last_modified && *last_modified && strlen(last_modified) <= VALIDATOR_MAX
		       ? last_modified
		       : NULL;
}

static enum fetch_range judge_part(const struct fetch_range_answer *answer, int64_t offset,
				   const char *validator, int64_t *ret_total)
{
	int64_t first, last, total;
	if (offset == 0 || !answer->content_range ||
	    fetch_range_parse(answer->content_range, &first, &last, &total) != STATUS_OK ||
	    first != offset)
		return FETCH_RANGE_USELESS;
	/* It names another file than we have the beginning of, or does not give all of the rest. */
	const char *found = fetch_range_validator(answer->etag, answer->last_modified);
	if ((found && validator && strcmp(found, validator) != 0) ||
	    (total >= 0 && last != total - 1) ||
	    (answer->content_length >= 0 && answer->content_length != last - first + 1))
		return FETCH_RANGE_USELESS;
	*ret_total = total;
	return FETCH_RANGE_REST;
}

enum fetch_range fetch_range_judge(const struct fetch_range_answer *answer, int64_t offset,
				   const char *validator, int64_t *ret_total)
{
	*ret_total = -1;
	if (answer->status == 206)
		return judge_part(answer, offset, validator, ret_total);
	if (answer->status != 200)
		return FETCH_RANGE_USELESS;
	*ret_total = answer->content_length;
	return FETCH_RANGE_ALL;
}
