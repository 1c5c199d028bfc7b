/*
 * Seals made-up tokens, so that a benchmark has thousands of accounts without as many sign-ins.
 * token_seal PUBLIC_KEY_FILE: reads lines "ACCOUNT_ID ACCESS REFRESH", writes "ACCOUNT_ID ACCESS_SEALED
 * REFRESH_SEALED", each pair sealed as version 1 of its account.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/number.h"
#include "base/secretbox.h"
#include "base/token.h"

enum { LINE_BYTES = 1024 };

static const char *seal(struct arena *arena, const struct secretbox_keys *keys,
			enum secretbox_kind kind, int64_t account_id, const char *token)
{
	const char *sealed;
	secretbox_seal(
		arena, keys,
		(struct secretbox_place){ .kind = kind, .account_id = account_id, .version = 1 },
		(struct secret){ token, strlen(token) }, &sealed);
	return sealed;
}

/* The next word of *rest, terminated in place; "" at the end. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \n");
	size_t length = strcspn(word, " \n");
	*rest = word + length + (word[length] ? 1 : 0);
	word[length] = '\0';
	return word;
}

int main(int argc, char **argv)
{
	struct secretbox_keys *keys = NULL;
	char line[LINE_BYTES];
	log_open("token_seal");
	token_init();
	if (argc != 2) {
		log_error("usage: token_seal PUBLIC_KEY_FILE");
		return 2;
	}
	if (secretbox_load(argv[1], /* secret_path= */ NULL, &keys) != STATUS_OK)
		return 1;
	while (fgets(line, sizeof(line), stdin)) {
		CLEANUP(arena) struct arena arena = { 0 };
		char *rest = line;
		int64_t account_id;
		if (number_parse(next_word(&rest), 1, INT64_MAX, &account_id) != STATUS_OK) {
			log_error("line_bad");
			return 1;
		}
		const char *access = next_word(&rest), *refresh = next_word(&rest);
		printf("%" PRId64 " %s %s\n", account_id,
		       seal(&arena, keys, SECRETBOX_ACCESS_TOKEN, account_id, access),
		       seal(&arena, keys, SECRETBOX_REFRESH_TOKEN, account_id, refresh));
	}
	return 0;
}
