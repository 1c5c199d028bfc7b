/* Policy and terms: words for all of the inventory, the operator's paragraphs, versions, languages. */
#include "unit.h"

#include <sys/stat.h>

#include "base/config.h"
#include "base/json.h"
#include "base/token.h"
#include "store/inventory.h"
#include "web/policy.h"
#include "web/policy_words.h"

static const struct config settings = {
	.retention_sessions_days = 3,
	.retention_uploads_days = 1,
	.retention_posted_videos_days = 45,
	.retention_timeline_days = 77,
	.retention_webhooks_days = 11,
	.retention_logs_days = 21,
	.retention_receipts_days = 500,
	.retention_refused_days = 0,
	.retention_imports_days = 22,
	.retention_removed_days = 5,
	.retention_support_days = 31,
	.retention_events_days = 101,
	.retention_addresses_days = 12,
	.export_hours = 24,
	.session_idle_hours = 5,
	.session_absolute_days = 2,
};

static const enum words_language languages[] = { WORDS_EN, WORDS_RU };

static bool has_cyrillic(const char *text)
{
	return strstr(text, "\xd0") || strstr(text, "\xd1");
}

static void every_kind_has_words_in_both_languages(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	for (size_t i = 0; i < inventory_count * ARRAY_SIZE(languages); i++) {
		const struct inventory_kind *kind = &inventory[i / 2];
		enum words_language language = languages[i % 2];
		const struct policy_words *words = policy_words_find(kind->name, language);
		if (!words)
			fail_msg("kind %s has no words in language %d", kind->name, language);
		const char *const texts[] = { words->title, words->what, words->why, words->kept };
		for (size_t j = 0; j < ARRAY_SIZE(texts); j++) {
			assert_true(texts[j] && *texts[j]);
			if (language == WORDS_RU && strcmp(texts[j], "Telegram") != 0 &&
			    texts[j][0] != '{')
				assert_true(has_cyrillic(texts[j]));
			if (language == WORDS_EN)
				assert_false(has_cyrillic(texts[j]));
		}
		if (!words->withheld != !kind->withheld)
			fail_msg("kind %s: withheld in one table only", kind->name);
		if (!policy_fill(&arena, words->kept, kind, &settings, language))
			fail_msg("kind %s: a period that there is not", kind->name);
		assert_true(*policy_basis_words(kind, language));
		assert_true(*policy_end_words(kind, language));
	}
	assert_int_equal(policy_words_en_count, inventory_count);
	assert_int_equal(policy_words_ru_count, inventory_count);
}

static void every_rule_is_told(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	for (size_t i = 0; i < inventory_count * INVENTORY_RULES_MAX; i++) {
		const struct inventory_kind *kind = &inventory[i / INVENTORY_RULES_MAX];
		const struct inventory_rule *rule = &kind->rules[i % INVENTORY_RULES_MAX];
		for (size_t j = 0; rule->name && j < ARRAY_SIZE(languages); j++) {
			const char *kept = policy_words_find(kind->name, languages[j])->kept;
			const char *setting = rule->setting ? rule->setting : rule->name;
			if (!strstr(kept, arena_printf(&arena, "{%s}", rule->name)) &&
			    !strstr(kept, arena_printf(&arena, "{%s}", setting)))
				fail_msg("rule %s of %s is not told in language %d", rule->name,
					 kind->name, languages[j]);
		}
	}
}

static void assert_filled(const char *text, const char *kind, enum words_language language,
			  const char *wanted)
{
	CLEANUP(arena) struct arena arena = { 0 };
	const char *filled =
		policy_fill(&arena, text, kind ? inventory_find(kind) : NULL, &settings, language);
	if (wanted)
		assert_string_equal(filled, wanted);
	else
		assert_null(filled);
}

static void periods_are_those_of_the_settings(void **state)
{
	(void)state;
	assert_filled("a {post_events} b", "timelines", WORDS_EN, "a 77 days b");
	assert_filled("{post_events}", "timelines", WORDS_RU, "77 дней");
	assert_filled("{post_events}", "posts", WORDS_EN, NULL);
	assert_filled("{sessions_idle}", "sessions", WORDS_EN, "77 hours");
	assert_filled("{session_idle_hours}, {session_absolute_days}", NULL, WORDS_RU,
		      "5 часов, 2 дня");
	assert_filled("{retention_logs_days}", NULL, WORDS_RU, "21 день");
	assert_filled("{retention_imports_days}", NULL, WORDS_RU, "22 дня");
	assert_filled("{retention_addresses_days}", NULL, WORDS_RU, "12 дней");
	assert_filled("{retention_webhooks_days}", NULL, WORDS_RU, "11 дней");
	assert_filled("{retention_events_days}", NULL, WORDS_RU, "101 день");
	assert_filled("{retention_uploads_days}", NULL, WORDS_EN, "1 day");
	assert_filled("{refused_videos}", "videos", WORDS_EN, "an hour");
	assert_filled("{posted_videos}/{state_minutes}", NULL, WORDS_EN, "in 45 days/10 minutes");
	assert_filled("{posted_videos}/{state_minutes}", NULL, WORDS_RU, "через 45 дней/10 минут");
	assert_filled("{nothing}", NULL, WORDS_EN, NULL);
	assert_filled("{open", NULL, WORDS_EN, NULL);
}

static void the_language_is_russian_only_where_it_is_preferred(void **state)
{
	(void)state;
	static const char *const russian[] = { "ru",
					       "ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7",
					       "RU",
					       "de, ru;q=0.5",
					       "en;q=0.4, ru;q=0.5",
					       "ru, en",
					       "en;q=0, ru;q=0.001" };
	static const char *const english[] = { "",
					       "en",
					       "en-GB,en;q=0.9,ru;q=0.8",
					       "de",
					       "*",
					       "en, ru",
					       "rus",
					       "ru;q=0",
					       "ru;q=x, en;q=0.1",
					       "run-RU, x",
					       "ru;q=0.5, en",
					       ",,;q=1" };
	for (size_t i = 0; i < ARRAY_SIZE(russian); i++)
		if (policy_accept_language(russian[i]) != WORDS_RU)
			fail_msg("%s is not Russian", russian[i]);
	for (size_t i = 0; i < ARRAY_SIZE(english); i++)
		if (policy_accept_language(english[i]) != WORDS_EN)
			fail_msg("%s is not English", english[i]);
	assert_int_equal(policy_accept_language(NULL), WORDS_EN);
}

static const char *folder_new(struct arena *arena)
{
	char *path = arena_printf(arena, "/tmp/spg-policy-XXXXXX");
	assert_non_null(mkdtemp(path));
	return path;
}

static const char *put(struct arena *arena, const char *folder, const char *name, const char *text,
		       size_t length)
{
	const char *path = arena_printf(arena, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void policy_free(struct policy *policy)
{
	free((void *)(uintptr_t)policy->version);
	for (size_t i = 0; i < POLICY_TEXTS * POLICY_LANGUAGES; i++)
		json_object_put(policy->own[i / POLICY_LANGUAGES][i % POLICY_LANGUAGES]);
}

static void without_own_words_the_version_is_the_texts(void **state)
{
	(void)state;
	CLEANUP(arena) struct arena arena = { 0 };
	struct policy policy;
	struct config config = settings;
	assert_status(policy_load(&config, &policy), STATUS_OK);
	assert_string_equal(policy.version, POLICY_TEXT_VERSION);
	policy_free(&policy);
	config.policy_dir = folder_new(&arena);
	assert_status(policy_load(&config, &policy), STATUS_OK);
	assert_string_equal(policy.version, POLICY_TEXT_VERSION);
	assert_null(policy_own(&policy, POLICY_PRIVACY, WORDS_RU));
	policy_free(&policy);
	rmdir(config.policy_dir);
}

static void own_words_are_paragraphs_and_change_the_version(void **state)
{
	(void)state;
	static const char text[] =
		"# Backups <b>\r\nOne line\r\nand its end.\r\n\r\n\r\nAnother.\n";
	CLEANUP(arena) struct arena arena = { 0 };
	struct policy policy, other;
	struct config config = settings;
	config.policy_dir = folder_new(&arena);
	const char *path = put(&arena, config.policy_dir, "privacy.en.txt", text, strlen(text));
	assert_status(policy_load(&config, &policy), STATUS_OK);
	assert_int_equal(strlen(policy.version), strlen(POLICY_TEXT_VERSION) + 9);
	assert_int_equal(
		strncmp(policy.version, POLICY_TEXT_VERSION "+", strlen(POLICY_TEXT_VERSION) + 1),
		0);
	assert_null(policy_own(&policy, POLICY_TERMS, WORDS_EN));
	/* who reads Russian sees them all the same */
	assert_ptr_equal(policy_own(&policy, POLICY_PRIVACY, WORDS_RU),
			 policy_own(&policy, POLICY_PRIVACY, WORDS_EN));
	assert_string_equal(json_text(&arena, policy_own(&policy, POLICY_PRIVACY, WORDS_EN)),
			    "[{\"heading\":\"Backups <b>\",\"text\":null},"
			    "{\"heading\":null,\"text\":\"One line and its end.\"},"
			    "{\"heading\":null,\"text\":\"Another.\"}]");
	put(&arena, config.policy_dir, "privacy.en.txt", "Others", 6);
	assert_status(policy_load(&config, &other), STATUS_OK);
	assert_string_not_equal(policy.version, other.version);
	policy_free(&policy);
	policy_free(&other);
	unlink(path);
	rmdir(config.policy_dir);
}

static void a_broken_file_is_named_and_refused(void **state)
{
	(void)state;
	static char large[POLICY_OWN_MAX_BYTES + 1];
	memset(large, 'a', sizeof(large));
	const struct {
		const char *bytes;
		size_t length;
		const char *problem;
	} files[] = {
		{ "\xff\xfe", 2, "not UTF-8" },
		{ "a\0b", 3, "not UTF-8" },
		{ "a\033[1m", 5, "control" },
		{ " \n\n", 3, "empty" },
		{ "", 0, "empty" },
		{ large, sizeof(large), "larger than 64 KiB" },
	};
	CLEANUP(arena) struct arena arena = { 0 };
	struct config config = settings;
	config.policy_dir = folder_new(&arena);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct policy policy;
		const char *path = put(&arena, config.policy_dir, "terms.ru.txt", files[i].bytes,
				       files[i].length);
		log_capture();
		enum status st = policy_load(&config, &policy);
		const char *log = log_captured(&arena);
		assert_status(st, STATUS_BROKEN);
		assert_contains(log, path);
		assert_contains(log, files[i].problem);
		policy_free(&policy);
		unlink(path);
	}
	rmdir(config.policy_dir);
	struct policy policy;
	log_capture();
	enum status st = policy_load(&config, &policy);
	assert_contains(log_captured(&arena), "policy_folder_bad");
	assert_status(st, STATUS_BROKEN);
	policy_free(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_words_in_both_languages),
		cmocka_unit_test(every_rule_is_told),
		cmocka_unit_test(periods_are_those_of_the_settings),
		cmocka_unit_test(the_language_is_russian_only_where_it_is_preferred),
		cmocka_unit_test(without_own_words_the_version_is_the_texts),
		cmocka_unit_test(own_words_are_paragraphs_and_change_the_version),
		cmocka_unit_test(a_broken_file_is_named_and_refused),
	};
	token_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
