/* The parts of the program `support`: what is read, the pages, the API. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "store/support.h"

struct request;
struct response;

/* What was sent, as text that can be stored; NULL: not sent. Faults are noted as the request's errors. */
struct support_input {
	bool is_deletion; /* the form for those who cannot sign in and want their data erased */
	const char *subject, *message, *email, *tiktok_name;
};

/* The fields of a new thread, of a form or a JSON object. */
struct support_input input_thread(struct request *req);

/* The message of a reply, likewise. */
struct support_input input_reply(struct request *req);

/* What is stored of a checked input, for whoever is signed in or not. form: see support_open(). */
struct support_draft input_draft(const struct request *req, const struct support_input *input,
				 const char *form);

/*
 * A new word for a form of this visitor: the moment, and random. A form that was shown a moment ago was filled in by
 * nobody. It hinders programs that were not written against this site, which is all that a trap does.
 */
const char *input_form_new(struct request *req);

/*
 * The word of the form that was sent. STATUS_REFUSED: a signed-out visitor fell into the trap: filled the field
 * that nobody sees, or was faster than people are.
 */
MUST_CHECK enum status input_form(struct request *req, const char **ret_form);

/* "about 5 minutes", "about 3 hours" */
const char *input_wait_text(struct request *req, int64_t seconds);

/* Handlers of the pages. */
enum status page_form(struct request *req, struct response *res);
enum status page_send(struct request *req, struct response *res);
enum status page_thread(struct request *req, struct response *res);
enum status page_reply(struct request *req, struct response *res);

/* Handlers of the API. */
enum status api_threads(struct request *req, struct response *res);
enum status api_send(struct request *req, struct response *res);
enum status api_thread(struct request *req, struct response *res);
enum status api_reply(struct request *req, struct response *res);
