/* The words for codes: complete in both languages, and harmless for a code that nobody knows. */
#include "unit.h"

#include "base/utf8.h"
#include "base/words.h"
#include "remote/tiktok_error.h"

static const char *const own[] = {
	"missed",
	"outcome_unknown",
	"upload_incomplete",
	"may_be_public",
	"video_missing",
	"duration_over_account_limit",
	"reconnect",
	"refresh_ends_soon",
	"account_disconnected",
	"token_unreadable",
	"tiktok_unavailable",
	"tiktok_down",
	"catching_up",
	"crashed_repeatedly",
	"interrupted",
	"rate_limit",
	"daily_post_limit",
	"pending_draft_limit",
	"active_creator_limit",
	"account_busy",
	"quota_ahead",
	"upload_address_refused",
	"draft_waits",
	"erasure",
};

static bool has_cyrillic(const char *text)
{
	/* U+0400 to U+047F, as UTF-8 */
	return strchr(text, '\xd0') || strchr(text, '\xd1');
}

/* A sentence that people can read: it ends, and holds none of the words for programs. */
static void assert_sentence(const char *code, const char *text, bool russian)
{
	size_t length = strlen(text);
	if (length < 10 || text[length - 1] != '.' || strchr(text, '_') ||
	    !utf8_is_valid(text, length) || has_cyrillic(text) != russian)
		fail_msg("%s: \"%s\"", code, text);
}

static void assert_words(const char *code)
{
	const struct words *words = words_find(code);
	if (words == &words_unknown)
		fail_msg("no words for %s", code);
	assert_string_equal(words->code, code);
	assert_sentence(code, words->cause.en, false);
	assert_sentence(code, words->cause.ru, true);
	assert_sentence(code, words->next.en, false);
	assert_sentence(code, words->next.ru, true);
	if (!words_remedy(words->remedy_code))
		fail_msg("%s: no words for remedy %s", code, words->remedy_code);
}

static void our_own_codes_have_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		assert_words(own[i]);
		/* They never come from TikTok: no class is theirs. */
		assert_int_equal(tiktok_meaning(own[i])->class, TIKTOK_UNKNOWN);
	}
}

static void every_code_of_the_reference_has_class_and_words(void **state)
{
	(void)state;
	char path[4096], line[256], code[128], kind[32], section[16];
	const char *folder = getenv("SPG_UNIT_FILES");
	size_t count = 0;
	assert_non_null(folder);
	snprintf(path, sizeof(path), "%s/tiktok_codes.txt", folder);
	FILE *list = fopen(path, "r");
	assert_non_null(list);
	while (fgets(line, sizeof(line), list)) {
		if (line[0] == '#')
			continue;
		assert_true(strlen(line) < sizeof(code));
		char *at = line;
		snprintf(code, sizeof(code), "%s", strsep(&at, " "));
		snprintf(kind, sizeof(kind), "%s", strsep(&at, " "));
		snprintf(section, sizeof(section), "%s", strsep(&at, "\n"));
		count++;
		if (strcmp(code, "ok") == 0)
			continue;
		assert_words(code);
		if (tiktok_meaning(code)->class == TIKTOK_UNKNOWN)
			fail_msg("%s (%s, %s) has no class", code, kind, section);
	}
	fclose(list);
	assert_true(count > 40);
}

static void an_unknown_code_gets_words_that_stop_safely(void **state)
{
	(void)state;
	static const char *const codes[] = { "",	"something_new", "Missed",
					     "missed ", "unknown",	 "%n" };
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		assert_ptr_equal(words_find(codes[i]), &words_unknown);
	assert_ptr_equal(words_find(NULL), &words_unknown);
	assert_sentence("unknown", words_unknown.cause.en, false);
	assert_sentence("unknown", words_unknown.cause.ru, true);
	assert_sentence("unknown", words_unknown.next.en, false);
	assert_sentence("unknown", words_unknown.next.ru, true);
	assert_string_equal(words_unknown.remedy_code, "check_tiktok");
	assert_null(words_remedy("something_new"));
	assert_null(words_remedy(NULL));
}

static void remedies_have_words_of_their_own(void **state)
{
	(void)state;
	static const char *const remedies[] = {
		"reconnect",  "edit",		"replace_video",  "make_private",
		"reschedule", "check_tiktok",	"operator",	  "automatic",
		"none",	      "appeal",		"finish_drafts",  "finish_in_tiktok",
		"update_app", "choose_account", "look_on_tiktok",
	};
	for (size_t i = 0; i < ARRAY_SIZE(remedies); i++) {
		const struct words_text *text = words_remedy(remedies[i]);
		assert_non_null(text);
		assert_sentence(remedies[i], text->en, false);
		assert_sentence(remedies[i], text->ru, true);
	}
}

static void the_language_is_chosen_by_its_name(void **state)
{
	(void)state;
	assert_int_equal(words_language("ru"), WORDS_RU);
	assert_int_equal(words_language("en"), WORDS_EN);
	assert_int_equal(words_language("tlh"), WORDS_EN);
	assert_int_equal(words_language(NULL), WORDS_EN);
	const struct words_text text = { "yes", "да" };
	assert_string_equal(words_in(text, WORDS_EN), "yes");
	assert_string_equal(words_in(text, WORDS_RU), "да");
}

static void who_can_help_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(words_who_name(words_find("missed")->who), "creator");
	assert_string_equal(words_who_name(words_find("token_unreadable")->who), "operator");
	assert_string_equal(words_who_name(words_find("tiktok_down")->who), "tiktok");
	assert_string_equal(words_who_name(words_find("rate_limit")->who), "nobody");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_codes_have_words),
		cmocka_unit_test(every_code_of_the_reference_has_class_and_words),
		cmocka_unit_test(an_unknown_code_gets_words_that_stop_safely),
		cmocka_unit_test(remedies_have_words_of_their_own),
		cmocka_unit_test(the_language_is_chosen_by_its_name),
		cmocka_unit_test(who_can_help_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
