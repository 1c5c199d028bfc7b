/* Arguments of the commands of spgctl. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "spgctl/ctl.h"

void ctl_complain(const char *format, ...)
{
	va_list values;
	fputs("spgctl: ", stderr);
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fputc('\n', stderr);
}

static enum status usage(const struct ctl *ctl)
{
	fprintf(stderr, "usage: spgctl [--json] %s%s%s%s%s\n", ctl->group,
		ctl->command->action ? " " : "", ctl->command->action ? ctl->command->action : "",
		ctl->command->arguments ? " " : "",
		ctl->command->arguments ? ctl->command->arguments : "");
	return STATUS_INVALID;
}

static const struct ctl_option *option_find(const struct ctl_option *options, size_t count,
					    const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

enum status ctl_arguments(struct ctl *ctl, const struct ctl_option *options, size_t option_count,
			  const char **ret_words, size_t count)
{
	size_t words = 0;
	for (int i = 0; i < ctl->argc; i++) {
		const char *word = ctl->argv[i];
		if (strncmp(word, "--", 2) != 0) {
			if (words == count) {
				ctl_complain("there is no place for '%s'", word);
				return usage(ctl);
			}
			ret_words[words++] = word;
			continue;
		}
		const struct ctl_option *option = option_find(options, option_count, word);
		if (!option) {
			ctl_complain("unknown option '%s'", word);
			return usage(ctl);
		}
		if (i + 1 == ctl->argc) {
			ctl_complain("%s needs a value", word);
			return usage(ctl);
		}
		*option->value = ctl->argv[++i];
	}
	if (words < count) {
		ctl_complain("something is missing");
		return usage(ctl);
	}
	return STATUS_OK;
}

enum status ctl_number(const char *what, const char *text, int64_t min, int64_t max,
		       int64_t *ret_value)
{
	if (!text || number_parse(text, min, max, ret_value) == STATUS_OK)
		return STATUS_OK;
	ctl_complain("%s must be a number from %lld to %lld, not '%s'", what, (long long)min,
		     (long long)max, text);
	return STATUS_INVALID;
}

enum status ctl_id(const char *what, const char *text, int64_t *ret_id)
{
	return ctl_number(what, text, 1, INT64_MAX, ret_id);
}

enum status ctl_only_id(struct ctl *ctl, int64_t *ret_id)
{
	const char *word = NULL;
	enum status st = ctl_arguments(ctl, NULL, 0, &word, 1);
	return st == STATUS_OK ? ctl_id("ID", word, ret_id) : st;
}
