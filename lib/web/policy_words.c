/* Words that kinds share, and periods in words. */
#include "web/policy_words.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/status.h"
#include "store/inventory.h"
#include "store/oauth_state.h"

enum { NAME_MAX_LENGTH = 63 };

const struct words_text policy_changes[] = {
	{ "Each kind of data now has a row of its own: what it is, why we have it, how long, and "
	  "how it is erased.",
	  "Каждый вид данных описан отдельно: что это, зачем, на какой срок и как уничтожается." },
	{ "There is a Russian text, and a separate consent to the processing of personal data.",
	  "Появились русский текст и отдельное согласие на обработку персональных данных." },
	{ "You can choose how long videos stay after they were posted, and download all your data "
	  "as one archive.",
	  "Можно выбрать, сколько хранится видео после публикации, и скачать все свои данные одним "
	  "архивом." },
	{ "When you take our access away in TikTok's settings, what we keep about that account is "
	  "erased after a period.",
	  "Если вы отозвали доступ в настройках TikTok, данные об этом аккаунте уничтожаются по "
	  "истечении срока." },
	{ "There is a record of events that you can read, with network addresses that are "
	  "shortened after a period.",
	  "Ведётся журнал событий, который вы можете прочитать; сетевые адреса в нём со временем "
	  "сокращаются." },
	{ "We keep which version of these texts you agreed to.",
	  "Мы храним сведения о том, с какой редакцией документов вы согласились." },
};
const size_t policy_changes_count = ARRAY_SIZE(policy_changes);

const struct policy_words *policy_words_find(const char *kind, enum words_language language)
{
	const struct policy_words *words = language == WORDS_RU ? policy_words_ru : policy_words_en;
	size_t count = language == WORDS_RU ? policy_words_ru_count : policy_words_en_count;
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i].kind, kind) == 0)
			return &words[i];
	return NULL;
}

const char *policy_basis_words(const struct inventory_kind *kind, enum words_language language)
{
	static const struct words_text bases[] = {
		[INVENTORY_SERVICE] = { "the service you asked for (GDPR Art. 6(1)(b))",
					"исполнение договора с вами (152-ФЗ, ст. 6, ч. 1, п. 5)" },
		[INVENTORY_SECURITY] = { "a safe service (GDPR Art. 6(1)(f))",
					 "законный интерес: безопасность сервиса (152-ФЗ, ст. 6, "
					 "ч. 1, п. 7)" },
		[INVENTORY_PROOF] = { "proof that the law is kept (GDPR Art. 6(1)(c))",
				      "обязанность по закону (152-ФЗ, ст. 6, ч. 1, п. 2)" },
	};
	return words_in(bases[kind->basis], language);
}

const char *policy_end_words(const struct inventory_kind *kind, enum words_language language)
{
	static const struct words_text ends[] = {
		[INVENTORY_ERASED] = { "Erased.", "Уничтожается." },
		[INVENTORY_WITH] = { "Erased together with what it belongs to.",
				     "Уничтожается вместе с тем, к чему относится." },
		[INVENTORY_FLEETING] = { "There is nothing to erase.", "Уничтожать нечего." },
		[INVENTORY_AGES] = { "Stays until its period is over.",
				     "Остаётся до истечения срока." },
		[INVENTORY_KEPT] = { "Stays, as numbers without names, until its period is over.",
				     "Остаётся в виде чисел без имён до истечения срока." },
	};
	return words_in(ends[kind->end], language);
}

const char *policy_scope_words(const char *scope, enum words_language language)
{
	static const struct {
		const char *scope;
		struct words_text words;
	} scopes[] = {
		{ "user.info.basic",
		  { "your identifier with this app, display name and picture: to know you again "
		    "and to show which account you "
		    "post to",
		    "ваш идентификатор в этом приложении, отображаемое имя и картинка: чтобы "
		    "узнавать вас и показывать, в "
		    "какой аккаунт вы публикуете" } },
		{ "user.info.profile",
		  { "your user name: to tell accounts of the same name apart",
		    "имя пользователя: чтобы различать аккаунты с одинаковыми именами" } },
		{ "video.publish",
		  { "to post the videos that you planned, and to learn what your account may post "
		    "and what became of a post",
		    "публиковать назначенные вами видео, узнавать возможности аккаунта и судьбу "
		    "публикации" } },
		{ "video.upload",
		  { "to lay a video into your TikTok inbox as a draft",
		    "отправлять видео в TikTok как черновик" } },
		{ "video.list",
		  { "to find the address of a post that went out and to see whether it is still "
		    "there",
		    "находить адрес вышедшей публикации и проверять, на месте ли она" } },
	};
	static const struct words_text other = {
		"what TikTok's own page says of it when you connect",
		"то, что о нём сказано на странице TikTok при подключении"
	};
	for (size_t i = 0; i < ARRAY_SIZE(scopes); i++)
		if (strcmp(scopes[i].scope, scope) == 0)
			return words_in(scopes[i].words, language);
	return words_in(other, language);
}

/* Which of three forms a Russian noun has after a number. */
static size_t russian_form(int64_t count)
{
	if (count % 100 >= 11 && count % 100 <= 14)
		return 2;
	return count % 10 == 1 ? 0 : count % 10 >= 2 && count % 10 <= 4 ? 1 : 2;
}

enum unit { MINUTES, HOURS, DAYS };

static const char *count_text(struct arena *arena, int64_t count, enum unit unit,
			      enum words_language language)
{
	static const char *const english[] = { "minute", "hour", "day" };
	static const char *const russian[][3] = { { "минута", "минуты", "минут" },
						  { "час", "часа", "часов" },
						  { "день", "дня", "дней" } };
	if (language == WORDS_RU)
		return arena_printf(arena, "%" PRId64 " %s", count,
				    russian[unit][russian_form(count)]);
	return arena_printf(arena, "%" PRId64 " %s%s", count, english[unit], count == 1 ? "" : "s");
}

const char *policy_hours_text(struct arena *arena, int64_t hours, enum words_language language)
{
	if (hours == 0)
		return language == WORDS_RU ? "час" : "an hour";
	return hours % 24 == 0 ? count_text(arena, hours / 24, DAYS, language)
			       : count_text(arena, hours, HOURS, language);
}

static const char *posted_videos(struct arena *arena, const struct config *config,
				 enum words_language language)
{
	int64_t days = config->retention_posted_videos_days;
	const char *period = policy_hours_text(arena, days * 24, language);
	if (days == 0)
		return language == WORDS_RU ? "не установлено" : "never";
	return arena_printf(arena, language == WORDS_RU ? "через %s" : "in %s", period);
}

/* The words for one {name}, NULL when it means nothing. */
static const char *period(struct arena *arena, const char *name, const struct inventory_kind *kind,
			  const struct config *config, enum words_language language)
{
	int64_t hours;
	for (size_t i = 0; kind && i < INVENTORY_RULES_MAX && kind->rules[i].name; i++)
		if (strcmp(kind->rules[i].name, name) == 0)
			return policy_hours_text(
				arena, inventory_rule_hours(&kind->rules[i], config), language);
	if (strcmp(name, "state_minutes") == 0)
		return count_text(arena, OAUTH_STATE_SECONDS / 60, MINUTES, language);
	if (strcmp(name, "posted_videos") == 0)
		return posted_videos(arena, config, language);
	return inventory_setting_hours(name, config, &hours) == STATUS_OK
		       ? policy_hours_text(arena, hours, language)
		       : NULL;
}

const char *policy_fill(struct arena *arena, const char *text, const struct inventory_kind *kind,
			const struct config *config, enum words_language language)
{
	const char *filled = "";
	const char *open;
	while ((open = strchr(text, '{')) != NULL) {
		size_t length = strcspn(open + 1, "}");
		if (length > NAME_MAX_LENGTH || open[1 + length] != '}')
			return NULL;
		const char *words = period(arena, arena_strndup(arena, open + 1, length), kind,
					   config, language);
		if (!words)
			return NULL;
		filled = arena_printf(arena, "%s%.*s%s", filled, (int)(open - text), text, words);
		text = open + length + 2;
	}
	return arena_printf(arena, "%s%s", filled, text);
}
