/*
 * The mailer, started by cron each minute: hands messages to support, and the answers to those who gave an address,
 * to the mail program of this machine. Without support_sendmail it ends at once. Two mailers never have the same
 * message at the same time (store/support_mail.h). One that is killed after the mail program took a message and
 * before that was noted leaves it to be mailed twice, under the same Message-ID: better than never.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/process.h"
#include "base/token.h"
#include "remote/mail.h"
#include "remote/sendmail.h"
#include "store/db.h"
#include "store/support_mail.h"

enum {
	MINUTE_SECONDS = 55, /* what is left then is the next one's */
	SENDMAIL_MS = 30 * 1000,
};

static volatile sig_atomic_t stopping;

static void on_stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

/* "post.example.org" of "https://post.example.org:8443" */
static const char *host_of(struct arena *arena, const char *url)
{
	const char *host = strstr(url, "://");
	host = host ? host + 3 : url;
	return arena_strndup(arena, host, strcspn(host, ":/"));
}

static const char *subject_of(struct arena *arena, const struct config *config,
			      const struct support_mail *message)
{
	bool deletion = strcmp(message->kind, "deletion") == 0;
	return arena_printf(arena, "[%s #%" PRId64 "] %s%s", config->app_name, message->thread_id,
			    message->is_answer ? "Re: " : "",
			    deletion ? "Request to delete data" : message->subject);
}

static const char *writer_of(struct arena *arena, const struct support_mail *message)
{
	return message->user_id ? arena_printf(arena, "user %" PRId64, message->user_id)
				: "somebody who is not signed in";
}

static const char *body_for_operator(struct arena *arena, const struct support_mail *message)
{
	bool deletion = strcmp(message->kind, "deletion") == 0;
	const char *name = *message->tiktok_name ? message->tiktok_name : "-";
	const char *email = *message->email ? message->email : "-";
	return arena_printf(arena,
			    "Thread:    %" PRId64 " (%s)\n"
			    "From:      %s\n"
			    "TikTok:    %s\n"
			    "E-mail:    %s (as given, not verified)\n"
			    "\n%s\n\n-- \n"
			    "Answer:    spgctl support answer %" PRId64
			    "   (reads the text from standard input)\n"
			    "Close:     spgctl support close %" PRId64 "\n"
			    "A reply to this mail reaches the address above, if there is one, and "
			    "not the thread.\n",
			    message->thread_id, deletion ? "request to delete data" : "question",
			    writer_of(arena, message), name, email, message->body,
			    message->thread_id, message->thread_id);
}

static const char *body_for_writer(struct arena *arena, const struct config *config,
				   const struct support_mail *message)
{
	return arena_printf(arena,
			    "%s\n\n-- \n"
			    "%s, message %" PRId64
			    ". To write back, open the address that you got when you wrote,\n"
			    "or sign in at %s and open Contact.\n",
			    message->body, config->operator_name, message->thread_id,
			    config->public_url);
}

static const char *write_mail(struct arena *arena, const struct config *config,
			      const struct support_mail *message)
{
	bool has_address = mail_address_is_valid(message->email);
	struct mail mail = {
		.from_name = config->app_name,
		.from = config->support_email,
		.to = message->is_answer ? message->email : config->support_email,
		.reply_to = !message->is_answer && has_address ? message->email : NULL,
		.subject = subject_of(arena, config, message),
		.message_id = arena_printf(arena, "support-%" PRId64 "-%" PRId64 "@%s",
					   message->thread_id, message->message_id,
					   host_of(arena, config->public_url)),
		.body = message->is_answer ? body_for_writer(arena, config, message)
					   : body_for_operator(arena, message),
	};
	return mail_text(arena, &mail);
}

/* STATUS_OK also when the mail program failed: the message comes again by itself. */
static enum status send_one(struct db *db, struct arena *arena, const struct config *config,
			    const struct support_mail *message)
{
	struct sendmail_end end;
	/* Checked when it was taken; whatever stands there now must not become a header. */
	if (message->is_answer && !mail_address_is_valid(message->email))
		return support_mail_done(db, arena, message->message_id);
	enum status st = sendmail_run(config->support_sendmail, write_mail(arena, config, message),
				      SENDMAIL_MS, &end);
	FAILPOINT("mail_accepted");
	if (st == STATUS_OK) {
		log_info("mail_sent thread=%" PRId64 " message=%" PRId64, message->thread_id,
			 message->message_id);
		return support_mail_done(db, arena, message->message_id);
	}
	log_warn("mail_failed thread=%" PRId64 " message=%" PRId64 " try=%" PRId64
		 " how=%s code=%d",
		 message->thread_id, message->message_id, message->tries, end.how, end.code);
	if (message->tries >= SUPPORT_MAIL_TRIES)
		log_error("mail_given_up thread=%" PRId64 " message=%" PRId64
			  " remedy=see whether support_sendmail works; spgctl support shows it",
			  message->thread_id, message->message_id);
	return STATUS_OK;
}

static enum status run(struct db *db, const struct config *config)
{
	int64_t ends_at = clock_now_s() + MINUTE_SECONDS;
	enum status st = STATUS_OK;
	while (st == STATUS_OK && !stopping && clock_now_s() < ends_at) {
		CLEANUP(arena) struct arena arena = { 0 };
		struct support_mail message;
		st = support_mail_claim(db, &arena, &message);
		if (st == STATUS_OK)
			st = send_one(db, &arena, config, &message);
	}
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

int main(int argc, char **argv)
{
	/* Lives as long as the process, as its strings do. */
	static struct config config;
	(void)argv;
	log_open("mailer");
	if (argc > 1) {
		log_error("usage: mailer");
		return 2;
	}
	token_init();
	process_hide();
	process_on_stop(on_stop);
	if (config_load(config_path(), &config) != STATUS_OK)
		return 1;
	if (!config.support_sendmail)
		return 0;
	if (!mail_address_is_valid(config.support_email)) {
		log_error("mail_address_bad key=support_email remedy=name@host, in plain letters");
		return 1;
	}
	struct db *db = NULL;
	if (db_open(config.database, "mailer", &db) != STATUS_OK)
		return 1;
	enum status st = run(db, &config);
	db_close(db);
	return st == STATUS_OK ? 0 : 1;
}
