/* Versions, the operator's paragraphs, languages, and asking for consent. */
#include "web/policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/token.h"
#include "base/utf8.h"
#include "store/consent.h"
#include "store/db.h"
#include "web/policy_words.h"
#include "web/request.h"
#include "web/response.h"

enum { HASH_DIGITS = 8, QUALITY_FULL = 1000 };

/* The operator's paragraphs ----------------------------------------------------------------- */

static void add_piece(struct json_object *pieces, const char *name, const char *text)
{
	struct json_object *piece = json_object_new_object();
	json_add_string(piece, "heading", NULL);
	json_add_string(piece, "text", NULL);
	json_add_string(piece, name, text);
	json_array_push(pieces, piece);
}

/* Lines between blank ones are a paragraph, one that begins with "# " is a heading. */
static struct json_object *parse(struct arena *arena, const char *text)
{
	struct json_object *pieces = json_object_new_array();
	const char *paragraph = "";
	while (*text) {
		size_t length = strcspn(text, "\n");
		const char *line = arena_strndup(arena, text, length);
		text += length + (text[length] != '\0');
		bool blank = line[strspn(line, " \t")] == '\0';
		bool heading = strncmp(line, "# ", 2) == 0;
		if ((blank || heading) && *paragraph) {
			add_piece(pieces, "text", paragraph);
			paragraph = "";
		}
		if (heading)
			add_piece(pieces, "heading", line + 2);
		else if (!blank)
			paragraph =
				*paragraph ? arena_printf(arena, "%s %s", paragraph, line) : line;
	}
	if (*paragraph)
		add_piece(pieces, "text", paragraph);
	return pieces;
}

/* NULL, or what is wrong with the bytes of a file; carriage returns before line ends are taken away. */
static const char *fault_of(char *bytes, ssize_t count)
{
	if (count < 0)
		return strerror(errno);
	if (count > POLICY_OWN_MAX_BYTES)
		return "larger than 64 KiB";
	size_t length = 0;
	for (ssize_t i = 0; i < count; i++)
		if (bytes[i] != '\r' || i + 1 == count || bytes[i + 1] != '\n')
			bytes[length++] = bytes[i];
	bytes[length] = '\0';
	if (!utf8_is_valid(bytes, length))
		return "not UTF-8";
	if (!utf8_is_printable(bytes, true))
		return "holds control characters";
	return bytes[strspn(bytes, " \t\n")] == '\0' ? "empty" : NULL;
}

/* *ret_text is NULL where there is no such file. */
static enum status read_own(struct arena *arena, const char *path, const char **ret_text)
{
	*ret_text = NULL;
	CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return STATUS_OK;
	char *bytes = arena_alloc(arena, POLICY_OWN_MAX_BYTES + 2);
	ssize_t count = fd < 0 ? -1 : file_read_all(fd, bytes, POLICY_OWN_MAX_BYTES + 1);
	const char *fault = fault_of(bytes, count);
	if (fault) {
		log_error("policy_text_bad file=%s problem=%s", path, fault);
		return STATUS_BROKEN;
	}
	*ret_text = bytes;
	return STATUS_OK;
}

static enum status check_folder(const char *path)
{
	CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		return STATUS_OK;
	log_error("policy_folder_bad path=%s problem=%s", path, strerror(errno));
	return STATUS_BROKEN;
}

static enum status load_own(struct arena *arena, const char *folder, struct policy *policy)
{
	static const char *const texts[] = { "privacy", "terms" };
	static const char *const languages[] = { "en", "ru" };
	const char *all = "";
	for (size_t i = 0; i < POLICY_TEXTS * POLICY_LANGUAGES; i++) {
		size_t text = i / POLICY_LANGUAGES, language = i % POLICY_LANGUAGES;
		const char *words;
		enum status st = read_own(arena,
					  arena_printf(arena, "%s/%s.%s.txt", folder, texts[text],
						       languages[language]),
					  &words);
		if (st != STATUS_OK)
			return st;
		if (!words)
			continue;
		policy->own[text][language] = parse(arena, words);
		all = arena_printf(arena, "%s%s.%s:%s\n", all, texts[text], languages[language],
				   words);
	}
	if (*all)
		policy->version =
			arena_printf(arena, "%s+%.*s", POLICY_TEXT_VERSION, HASH_DIGITS,
				     token_sha256(arena, all, strlen(all)) + strlen("\\x"));
	return STATUS_OK;
}

enum status policy_load(const struct config *config, struct policy *ret_policy)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct policy policy = { .version = POLICY_TEXT_VERSION };
	enum status st = STATUS_OK;
	if (config->policy_dir)
		st = check_folder(config->policy_dir);
	if (st == STATUS_OK && config->policy_dir)
		st = load_own(&arena, config->policy_dir, &policy);
	/* Lives as long as the process. */
	char *version = strdup(policy.version);
	if (!version)
		log_die("out_of_memory");
	policy.version = version;
	*ret_policy = policy;
	return st;
}

enum status policy_setup(const struct config *config, void **ret_context)
{
	static struct policy policy;
	*ret_context = &policy;
	return policy_load(config, &policy);
}

struct json_object *policy_own(const struct policy *policy, enum policy_text text,
			       enum words_language language)
{
	struct json_object *own = policy->own[text][language];
	return own ? own : policy->own[text][language == WORDS_RU ? WORDS_EN : WORDS_RU];
}

/* Languages --------------------------------------------------------------------------------- */

/* The weight of an entry in thousandths, from what follows its name: ";q=0.8"; malformed: as if it were not there. */
static int quality_of(const char *text, size_t length)
{
	int quality = 0, digit = QUALITY_FULL / 10;
	size_t at = 0;
	while (at < length && (text[at] == ';' || text[at] == ' ' || text[at] == '\t'))
		at++;
	if (at == length)
		return QUALITY_FULL;
	if (length - at < 3 || (text[at] | 0x20) != 'q' || text[at + 1] != '=')
		return 0;
	if (text[at + 2] == '1')
		return QUALITY_FULL;
	if (text[at + 2] != '0' || length - at < 4 || text[at + 3] != '.')
		return 0;
	for (at += 4; at < length && text[at] >= '0' && text[at] <= '9'; at++, digit /= 10)
		quality += (text[at] - '0') * digit;
	return quality;
}

static bool is_language(const char *entry, size_t length, const char *name)
{
	return length >= 2 && strncasecmp(entry, name, 2) == 0 && (length == 2 || entry[2] == '-');
}

enum words_language policy_accept_language(const char *header)
{
	int english = 0, russian = 0;
	while (header && *header) {
		header += strspn(header, ", \t");
		size_t length = strcspn(header, ","), name = strcspn(header, ",; \t");
		int quality = quality_of(header + name, length - name);
		/* Of equals, the first counts. */
		if (is_language(header, name, "ru") && quality > russian && quality > english)
			russian = quality;
		if (is_language(header, name, "en") && quality > english && quality > russian)
			english = quality;
		header += length;
	}
	return russian > english ? WORDS_RU : WORDS_EN;
}

enum words_language policy_language(struct request *req)
{
	const char *asked = form_get(&req->query, "lang");
	if (asked && (strcmp(asked, "ru") == 0 || strcmp(asked, "en") == 0))
		return words_language(asked);
	return policy_accept_language(request_param(req, "HTTP_ACCEPT_LANGUAGE"));
}

void policy_add_members(struct request *req, const struct policy *policy,
			enum words_language language, struct json_object *view)
{
	json_add_string(view, "version", policy->version);
	json_add_string(view, "date", language == WORDS_RU ? POLICY_DATE_RU : POLICY_DATE_EN);
	json_add_string(view, "lang", language == WORDS_RU ? "ru" : "en");
	json_add_string(view, "public_url", req->config->public_url);
	struct json_object *changes = json_object_new_array();
	for (size_t i = 0; i < policy_changes_count; i++)
		json_array_push(changes,
				json_object_new_string(words_in(policy_changes[i], language)));
	json_add(view, "changes", changes);
}

/* Asking for consent ------------------------------------------------------------------------ */

static bool reads(const struct request *req)
{
	return strcmp(req->method, "GET") == 0 || strcmp(req->method, "HEAD") == 0;
}

static enum status ask(struct request *req, struct response *res)
{
	const char *query = request_param(req, "QUERY_STRING");
	const char *page = !reads(req)	     ? "/"
			   : query && *query ? arena_printf(req->arena, "%s?%s", req->path, query)
					     : req->path;
	return response_redirect(
		res, arena_printf(req->arena, "/accept?return=%s", form_encode(req->arena, page)));
}

enum status policy_admit(struct request *req, struct response *res, bool *ret_done)
{
	const struct policy *policy = req->context;
	struct db *db;
	bool given;
	*ret_done = false;
	/* Whoever does not agree can still look, cancel, delete, and take their data along. */
	if (strcmp(req->method, "DELETE") == 0 || (req->is_api && reads(req)))
		return STATUS_OK;
	enum status st = request_db(req, &db);
	if (st == STATUS_OK)
		st = consent_find(db, req->arena, req->user_id, policy->version, &given);
	if (st != STATUS_OK || given)
		return st;
	*ret_done = true;
	if (!req->is_api)
		return ask(req, res);
	return response_problem(req, res, 403, "policy_not_accepted",
				"The privacy policy and the terms have changed. Agree to them at "
				"/accept; until then you can look, cancel, "
				"delete and export, and what is planned goes out.");
}
