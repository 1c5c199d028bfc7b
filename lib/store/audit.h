/*
 * The audit trail: who did what, as numbers and codes, without names, captions or addresses, so
 * that it can outlive an erased user (B101). Programs can add to it and cannot change it.
 */
#pragma once
#include <stdint.h>

#include "base/status.h"

struct arena;
struct db;

struct audit_event {
	const char *event;	     /* "sign_in", "callback_failed", ... */
	int64_t user_id, account_id; /* 0: none */
	const char *code;	     /* TikTok's or our own word for what happened; NULL: none */
	const char *log_id;	     /* of TikTok; NULL: none */
};

/* Write one event, in the open transaction if there is one. */
MUST_CHECK enum status audit_write(struct db *db, struct arena *arena,
				   const struct audit_event *event);
