/* The act of destruction. */
#include "spgctl/act.h"

#include <inttypes.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/config.h"
#include "base/deletion_words.h"
#include "base/json.h"

enum { ACT_MAX_BYTES = 1024 * 1024 };

static int64_t number(struct json_object *object, const char *name)
{
	int64_t value;
	return json_get_int(object, name, &value) == STATUS_OK ? value : 0;
}

static const char *text(struct json_object *object, const char *name)
{
	return json_string_or(object, name, "-");
}

static struct json_object *list(struct json_object *object, const char *name)
{
	struct json_object *array;
	return json_get_array(object, name, &array) == STATUS_OK ? array : NULL;
}

static size_t length(struct json_object *array)
{
	return array ? json_object_array_length(array) : 0;
}

static void add_subjects(struct buf *out, struct json_object *request, enum words_language language)
{
	struct json_object *subjects = list(request, "subjects");
	for (size_t i = 0; i < length(subjects); i++)
		buf_printf(
			out, "   %s: %s\n",
			words_in((struct words_text){ "TikTok account, HMAC-SHA256 of its open_id",
						      "аккаунт TikTok, HMAC-SHA256 его open_id" },
				 language),
			text(json_object_array_get_idx(subjects, i), "hash"));
}

static void add_categories(struct buf *out, struct json_object *request,
			   enum words_language language)
{
	struct json_object *counts = list(request, "counts");
	for (size_t i = 0; i < length(counts); i++) {
		struct json_object *count = json_object_array_get_idx(counts, i);
		const char *kind = text(count, "kind");
		const struct words_text *words = deletion_kind_words(kind);
		int64_t bytes = number(count, "bytes");
		buf_printf(out, "   - %s: %" PRId64, words ? words_in(*words, language) : kind,
			   number(count, "removed"));
		if (bytes > 0)
			buf_printf(out, " (%" PRId64 " %s)", bytes,
				   language == WORDS_RU ? "байт" : "bytes");
		buf_printf(out, "\n");
	}
}

static void add_steps(struct buf *out, struct json_object *request, enum words_language language)
{
	struct json_object *steps = list(request, "steps");
	for (size_t i = 0; i < length(steps); i++) {
		struct json_object *step = json_object_array_get_idx(steps, i);
		const struct deletion_step_words *words = deletion_step_words(text(step, "step"));
		const struct words_text *detail =
			deletion_detail_words(json_string_or(step, "detail", ""));
		buf_printf(out, "   %s  %s\n", text(step, "done_at"),
			   words ? words_in(words->title, language) : text(step, "step"));
		if (detail)
			buf_printf(out, "                         %s\n",
				   words_in(*detail, language));
	}
}

static void add_events(struct buf *out, struct json_object *request)
{
	struct json_object *events = list(request, "events");
	for (size_t i = 0; i < length(events); i++) {
		struct json_object *event = json_object_array_get_idx(events, i);
		buf_printf(out, "   %s  %s  %s  %s  #%" PRId64 " %.16s\n", text(event, "at"),
			   text(event, "program"), text(event, "event"), text(event, "code"),
			   number(event, "position"), text(event, "hash"));
	}
}

/* What differs between the languages, in the order of the paper. */
static const struct words_text
	title = { "ACT OF DESTRUCTION OF PERSONAL DATA", "АКТ ОБ УНИЧТОЖЕНИИ ПЕРСОНАЛЬНЫХ ДАННЫХ" },
	rules = { "(GDPR Art. 17 and 5(2); 152-FZ Art. 21, order of Roskomnadzor No. 179 of 28 "
		  "October 2022)",
		  "(ст. 21 Федерального закона № 152-ФЗ, приказ Роскомнадзора от 28.10.2022 № "
		  "179)" },
	operator= { "1. Operator", "1. Оператор" },
	address = { "   Address: ____________________________________________________________",
		    "   Адрес: ______________________________________________________________" },
	subject = { "2. Data subject: user number",
		    "2. Субъект персональных данных: пользователь №" },
	where = { "3. Information system", "3. Информационная система персональных данных" },
	categories = { "4. Categories of data destroyed, and how many records",
		       "4. Категории уничтоженных персональных данных и число записей" },
	method = { "5. Method: rows deleted from the database, files unlinked, access returned to "
		   "TikTok;\n"
		   "   afterwards every table was looked through and nothing was found",
		   "5. Способ: записи удалены из базы данных, файлы удалены, доступ возвращён "
		   "TikTok;\n"
		   "   после этого проверены все таблицы, записей не найдено" },
	ground = { "6. Ground: request", "6. Основание: запрос" },
	asked_by = { "asked for by", "запросил:" }, dates = { "7. Dates (UTC)", "7. Даты (UTC)" },
	signatures = { "8. Responsible person, position, signature:\n"
		       "   ____________________   ____________________   ____________________",
		       "8. Ответственное лицо, должность, подпись:\n"
		       "   ____________________   ____________________   ____________________" },
	extract = { "EXTRACT FROM THE LOG OF EVENTS", "ВЫГРУЗКА ИЗ ЖУРНАЛА РЕГИСТРАЦИИ СОБЫТИЙ" },
	chain = { "   (time, program, event, code, position in the chained record and its hash;\n"
		  "   spgctl events verify proves that the record is whole)",
		  "   (время, программа, событие, код, место в цепочке записей и её хеш;\n"
		  "   spgctl events verify подтверждает целостность журнала)" };

const char *act_text(struct arena *arena, const struct config *config, struct json_object *request,
		     enum words_language language)
{
	CLEANUP(buf) struct buf out = BUF_INIT(ACT_MAX_BYTES);
	int64_t id = number(request, "id");
#define SAY(words) words_in(words, language)
	buf_printf(&out, "%s № %" PRId64 "\n%s\n\n%s: %s\n%s\n\n", SAY(title), id, SAY(rules),
		   SAY(operator), config->operator_name, SAY(address));
	buf_printf(&out, "%s %" PRId64 "\n", SAY(subject), number(request, "user_id"));
	add_subjects(&out, request, language);
	buf_printf(&out, "\n%s: %s, %s\n\n%s:\n", SAY(where), config->app_name, config->public_url,
		   SAY(categories));
	add_categories(&out, request, language);
	buf_printf(&out, "\n%s\n\n%s %" PRId64 ", %s, %s %s\n\n%s:\n", SAY(method), SAY(ground), id,
		   text(request, "requested_at"), SAY(asked_by),
		   SAY(*deletion_origin_words(text(request, "origin"))), SAY(dates));
	add_steps(&out, request, language);
	buf_printf(&out, "\n%s\n\n\n%s\n%s № %" PRId64 ", %s %" PRId64 "\n%s\n", SAY(signatures),
		   SAY(extract), SAY(ground) + 3, id, SAY(subject) + 3, number(request, "user_id"),
		   SAY(chain));
	add_events(&out, request);
#undef SAY
	return arena_strdup(arena, buf_text(&out));
}
