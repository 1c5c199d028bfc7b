/*
 * GET /privacy, /terms and /consent: the texts in the reader's language, made from the inventory, with the periods of
 * this installation and the operator's own paragraphs. Needs no database.
 */
#include <string.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/json.h"
#include "base/log.h"
#include "store/inventory.h"
#include "templates.h"
#include "web/policy.h"
#include "web/policy_words.h"
#include "web/serve.h"

struct text {
	struct words_text title;
	const char *templates[POLICY_LANGUAGES];
};

/* A row of the table; NULL where the words do not fit the inventory, which a unit test forbids. */
static struct json_object *view_kind(struct request *req, const struct inventory_kind *kind,
				     enum words_language language)
{
	const struct policy_words *words = policy_words_find(kind->name, language);
	const char *kept =
		words ? policy_fill(req->arena, words->kept, kind, req->config, language) : NULL;
	if (!kept)
		return NULL;
	struct json_object *view = json_object_new_object();
	json_add_string(view, "kind", kind->name);
	json_add_string(view, "title", words->title);
	json_add_string(view, "what", words->what);
	json_add_string(view, "why", words->why);
	json_add_string(view, "kept", kept);
	json_add_string(view, "basis", policy_basis_words(kind, language));
	json_add_string(view, "end", policy_end_words(kind, language));
	json_add_string(view, "withheld", words->withheld);
	json_add_bool(view, "stored", kind->end != INVENTORY_FLEETING);
	return view;
}

static enum status add_kinds(struct request *req, enum words_language language,
			     struct json_object *view)
{
	struct json_object *kinds = json_object_new_array();
	json_add(view, "kinds", kinds);
	for (size_t i = 0; i < inventory_count; i++) {
		struct json_object *kind = view_kind(req, &inventory[i], language);
		if (!kind) {
			log_error("policy_words_missing kind=%s", inventory[i].name);
			return STATUS_BROKEN;
		}
		json_array_push(kinds, kind);
	}
	return STATUS_OK;
}

static void add_scopes(struct request *req, enum words_language language, struct json_object *view)
{
	struct json_object *scopes = json_object_new_array();
	const char *text = req->config->tiktok_scopes;
	while (*text) {
		size_t length = strcspn(text, ", ");
		const char *name = arena_strndup(req->arena, text, length);
		text += length;
		text += strspn(text, ", ");
		if (length == 0)
			continue;
		struct json_object *scope = json_object_new_object();
		json_add_string(scope, "name", name);
		json_add_string(scope, "why", policy_scope_words(name, language));
		json_array_push(scopes, scope);
	}
	json_add(view, "scopes", scopes);
}

static enum status add_periods(struct request *req, enum words_language language,
			       struct json_object *view)
{
	static const char *const periods[][2] = {
		{ "state_minutes", "{state_minutes}" },
		{ "session_idle", "{session_idle_hours}" },
		{ "session_absolute", "{session_absolute_days}" },
		{ "logs", "{retention_logs_days}" },
		{ "events", "{retention_events_days}" },
		{ "addresses", "{retention_addresses_days}" },
		{ "support", "{retention_support_days}" },
		{ "removed", "{retention_removed_days}" },
		{ "receipts", "{retention_receipts_days}" },
		{ "export_hours", "{export_hours}" },
		{ "grace", "{deletion_grace_days}" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(periods); i++) {
		const char *words =
			policy_fill(req->arena, periods[i][1], NULL, req->config, language);
		if (!words)
			return STATUS_BROKEN;
		json_add_string(view, periods[i][0], words);
	}
	if (req->config->deletion_grace_days == 0)
		json_add_string(view, "grace", NULL);
	return STATUS_OK;
}

static enum status show(struct request *req, struct response *res, const struct text *text,
			struct json_object *own)
{
	const struct policy *policy = req->context;
	enum words_language language = policy_language(req);
	CLEANUP(json_object_put) struct json_object *view = json_object_new_object();
	policy_add_members(req, policy, language, view);
	json_add_bool(view, "telegram", req->config->telegram_bot_token_file != NULL);
	json_add_bool(view, "record_key", req->config->record_key_file != NULL);
	json_add(view, "own", json_object_get(own));
	json_add_bool(view, "has_own", own != NULL);
	add_scopes(req, language, view);
	enum status st = add_periods(req, language, view);
	if (st == STATUS_OK)
		st = add_kinds(req, language, view);
	if (st != STATUS_OK)
		return st;
	response_header(res, "Vary", "Accept-Language");
	response_header(res, "Content-Language", language == WORDS_RU ? "ru" : "en");
	return response_page(req, res, 200, words_in(text->title, language),
			     text->templates[language], view);
}

static enum status show_privacy(struct request *req, struct response *res)
{
	static const struct text text = {
		{ "Privacy policy", "Политика обработки персональных данных" },
		{ privacy_en_html, privacy_ru_html },
	};
	return show(req, res, &text,
		    policy_own(req->context, POLICY_PRIVACY, policy_language(req)));
}

static enum status show_terms(struct request *req, struct response *res)
{
	static const struct text text = {
		{ "Terms of service", "Условия использования" },
		{ terms_en_html, terms_ru_html },
	};
	return show(req, res, &text, policy_own(req->context, POLICY_TERMS, policy_language(req)));
}

static enum status show_consent(struct request *req, struct response *res)
{
	static const struct text text = {
		{ "Consent to the processing of personal data",
		  "Согласие на обработку персональных данных" },
		{ consent_en_html, consent_ru_html },
	};
	return show(req, res, &text, NULL);
}

static const struct route routes[] = {
	{ "GET", "/privacy", show_privacy, ROUTE_OPEN },
	{ "GET", "/terms", show_terms, ROUTE_OPEN },
	{ "GET", "/consent", show_consent, ROUTE_OPEN },
};

int main(void)
{
	return serve(&(struct service){ .name = "privacy",
					.routes = routes,
					.route_count = ARRAY_SIZE(routes),
					.setup = policy_setup,
					.no_database = true });
}
