/* The words of an erasure. */
#include "base/deletion_words.h"

#include <string.h>

#include "base/status.h"

/* clang-format off */
static const struct deletion_step_words steps[] = {
	{ "posts_cancelled",
	  { "Drafts and planned posts cancelled", "Черновики и запланированные публикации отменены" },
	  { "usually at once", "обычно сразу" } },
	{ "sessions_closed",
	  { "Signed out in all browsers", "Выход выполнен во всех браузерах" },
	  { "usually at once", "обычно сразу" } },
	{ "tokens_revoked",
	  { "Access given back to TikTok and its keys deleted here",
	    "Доступ возвращён TikTok, ключи доступа удалены" },
	  { "usually within a minute or two", "обычно в течение одной-двух минут" } },
	{ "posts_ended",
	  { "Posts that were on their way have ended", "Начатые публикации завершены" },
	  { "at most a day", "не дольше суток" } },
	{ "files_removed",
	  { "Videos, previews, exports and unfinished uploads removed",
	    "Видео, кадры, выгрузки и незавершённые загрузки удалены" },
	  { "within a few minutes after that", "через несколько минут после этого" } },
	{ "data_erased",
	  { "Posts, captions, accounts and settings erased",
	    "Публикации, подписи, аккаунты и настройки удалены" },
	  { "right after the files", "сразу после файлов" } },
	{ "checked",
	  { "Looked through every table: nothing is left", "Проверены все таблицы: ничего не осталось" },
	  { "right after that", "сразу после этого" } },
};

static const struct { const char *name; struct words_text words; } details[] = {
	{ "not_confirmed",
	  { "TikTok could not be told. Please also remove this app in TikTok's settings, under Security and "
	    "permissions.",
	    "Сообщить TikTok не удалось. Пожалуйста, удалите это приложение и в настройках TikTok, в разделе "
	    "безопасности и разрешений." } },
	{ "not_waited_longer",
	  { "One was still with TikTok after a day. It may appear on your profile.",
	    "Одна публикация и через сутки оставалась у TikTok. Она может появиться в вашем профиле." } },
}, origins[] = {
	{ "user", { "the user, signed in", "пользователь, после входа" } },
	{ "reconnect", { "the user, who proved it by the TikTok account",
	                 "пользователь, подтвердивший это аккаунтом TikTok" } },
	{ "operator", { "the operator, who verified the user's request",
	                "оператор, проверивший обращение пользователя" } },
	{ "webhook", { "TikTok: access to the last account was taken away",
	               "TikTok: доступ к последнему аккаунту отозван" } },
	{ "restored", { "this site: a backup from before an erasure was restored",
	                "сайт: восстановлена копия, сделанная до удаления" } },
}, kinds[] = {
	{ "oauth_states", { "sign-ins under way", "начатые входы" } },
	{ "sessions", { "sessions", "сеансы" } },
	{ "tiktok_messages", { "messages from TikTok", "сообщения от TikTok" } },
	{ "request_keys", { "keys of repeated requests", "ключи повторных запросов" } },
	{ "timelines", { "timeline entries", "записи истории публикаций" } },
	{ "attempts", { "attempts at posting", "попытки публикации" } },
	{ "posts", { "posts with captions", "публикации с подписями" } },
	{ "repairs", { "repairs of videos", "исправления видео" } },
	{ "imports", { "imports", "импорты" } },
	{ "videos", { "videos with previews", "видео с кадрами" } },
	{ "uploads", { "uploads", "загрузки" } },
	{ "upload_days", { "counts of uploads by day", "счётчики загрузок по дням" } },
	{ "creator_info", { "what accounts may post", "сведения о возможностях аккаунтов" } },
	{ "call_times", { "times of calls to TikTok", "время обращений к TikTok" } },
	{ "token_dates", { "access and refresh tokens", "ключи доступа и обновления" } },
	{ "accounts", { "TikTok accounts with profile data", "аккаунты TikTok с данными профиля" } },
	{ "support", { "support threads", "обращения в поддержку" } },
	{ "exports", { "exports", "выгрузки" } },
	{ "consents", { "records of consent", "записи о согласии" } },
	{ "addresses", { "network addresses", "сетевые адреса" } },
	{ "settings", { "user with settings", "пользователь с настройками" } },
};
/* clang-format on */

const struct deletion_step_words *deletion_step_words(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (strcmp(steps[i].name, name) == 0)
			return &steps[i];
	return NULL;
}

const struct words_text *deletion_detail_words(const char *detail)
{
	for (size_t i = 0; detail && i < ARRAY_SIZE(details); i++)
		if (strcmp(details[i].name, detail) == 0)
			return &details[i].words;
	return NULL;
}

const struct words_text *deletion_origin_words(const char *origin)
{
	for (size_t i = 0; i < ARRAY_SIZE(origins); i++)
		if (strcmp(origins[i].name, origin) == 0)
			return &origins[i].words;
	return &origins[0].words;
}

const struct words_text *deletion_kind_words(const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			return &kinds[i].words;
	return NULL;
}
