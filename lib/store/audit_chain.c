/* The chain of the audit trail, computed anew. */
#include "store/audit_chain.h"

#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/number.h"
#include "queries.h"
#include "store/db.h"

enum { PAGE_ROWS = 2000, STARTS_MAX = 5 };

struct chain {
	struct audit_head end, pruned;
};

struct walk {
	struct db *db;
	struct audit_head at;	       /* the last event that was found in order */
	int64_t end;		       /* the position to go to */
	const struct audit_head *seen; /* a head to meet on the way; NULL: none */
	struct audit_proof *proof;
};

void audit_link_hash(const unsigned char before[static AUDIT_HASH_BYTES],
		     const struct audit_link *link, unsigned char ret_hash[static AUDIT_HASH_BYTES])
{
	enum { FIRST_WORD = 9 };
	const char *const fields[] = { link->position,	 link->id,	link->at_epoch,
				       link->program,	 link->event,	link->user_id,
				       link->account_id, link->post_id, link->subject_id,
				       link->code,	 link->log_id,	link->actor };
	unsigned char bytes[DIGEST_BYTES_MAX];
	CLEANUP(digest_free) struct digest *digest = digest_new(DIGEST_SHA256);
	digest_update(digest, before, AUDIT_HASH_BYTES);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *field = fields[i] ? fields[i] : "-";
		if (i > 0)
			digest_update(digest, "\x1f", 1);
		/* Words may be "-" themselves. */
		if (fields[i] && i >= FIRST_WORD)
			digest_update(digest, "=", 1);
		digest_update(digest, field, strlen(field));
	}
	digest_end(digest, bytes);
	memcpy(ret_hash, bytes, AUDIT_HASH_BYTES);
}

static int digit(char byte)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = byte ? strchr(digits, byte) : NULL;
	return found ? (int)(found - digits) : -1;
}

static enum status hash_parse(const char *hex, unsigned char *ret_hash)
{
	if (strlen(hex) != 2 * AUDIT_HASH_BYTES)
		return STATUS_INVALID;
	for (size_t i = 0; i < AUDIT_HASH_BYTES; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return STATUS_INVALID;
		ret_hash[i] = (unsigned char)(high * 16 + low);
	}
	return STATUS_OK;
}

static const char *hash_text(struct arena *arena, const unsigned char *hash)
{
	char *text = arena_alloc(arena, 2 * AUDIT_HASH_BYTES + 1);
	for (size_t i = 0; i < AUDIT_HASH_BYTES; i++) {
		text[2 * i] = "0123456789abcdef"[hash[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
	}
	return text;
}

enum status audit_head_parse(const char *text, struct audit_head *ret_head)
{
	CLEANUP(arena) struct arena arena = { 0 };
	const char *colon = strchr(text, ':');
	struct audit_head head;
	if (!colon ||
	    number_parse(arena_strndup(&arena, text, (size_t)(colon - text)), 0, INT64_MAX,
			 &head.position) != STATUS_OK ||
	    hash_parse(colon + 1, head.hash) != STATUS_OK)
		return STATUS_INVALID;
	*ret_head = head;
	return STATUS_OK;
}

const char *audit_break_name(enum audit_break kind)
{
	static const char *const names[] = { "whole", "changed",  "missing",
					     "added", "replaced", "no_witness" };
	return names[kind];
}

enum status audit_head_read(struct db *db, struct arena *arena, int64_t *ret_position,
			    const char **ret_hash)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(db, audit_head_sql, NO_PARAMS, &rows);
	if (st != STATUS_OK)
		return st;
	*ret_position = row_int(rows, 0, "position");
	*ret_hash = row_text(arena, rows, 0, "hash");
	return STATUS_OK;
}

static enum status chain_read(struct db *db, struct chain *ret_chain)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	CLEANUP(arena) struct arena arena = { 0 };
	struct chain chain;
	enum status st = db_query(db, audit_chain_sql, NO_PARAMS, &rows);
	if (st != STATUS_OK)
		return st;
	if (PQntuples(rows) != 1 ||
	    hash_parse(row_text(&arena, rows, 0, "hash"), chain.end.hash) != STATUS_OK ||
	    hash_parse(row_text(&arena, rows, 0, "pruned_hash"), chain.pruned.hash) != STATUS_OK)
		return STATUS_BROKEN;
	chain.end.position = row_int(rows, 0, "position");
	chain.pruned.position = row_int(rows, 0, "pruned_position");
	*ret_chain = chain;
	return STATUS_OK;
}

static struct audit_link link_from_row(struct arena *arena, const PGresult *rows, int row)
{
	return (struct audit_link){
		.position = row_text(arena, rows, row, "position"),
		.id = row_text(arena, rows, row, "id"),
		.at_epoch = row_text(arena, rows, row, "at_epoch"),
		.program = row_text(arena, rows, row, "program"),
		.event = row_text(arena, rows, row, "event"),
		.user_id = row_text(arena, rows, row, "user_id"),
		.account_id = row_text(arena, rows, row, "account_id"),
		.post_id = row_text(arena, rows, row, "post_id"),
		.subject_id = row_text(arena, rows, row, "subject_id"),
		.code = row_text(arena, rows, row, "code"),
		.log_id = row_text(arena, rows, row, "log_id"),
		.actor = row_text(arena, rows, row, "operator"),
	};
}

static void broken(struct walk *walk, enum audit_break kind, int64_t position)
{
	walk->proof->kind = kind;
	walk->proof->position = position;
}

/* Does the event in this row follow the one before? */
static bool step(struct walk *walk, struct arena *arena, const PGresult *rows, int row)
{
	int64_t position = row_int(rows, row, "position");
	struct audit_link link = link_from_row(arena, rows, row);
	unsigned char stored[AUDIT_HASH_BYTES], hash[AUDIT_HASH_BYTES];
	if (position != walk->at.position + 1) {
		broken(walk, AUDIT_MISSING, walk->at.position + 1);
		return false;
	}
	audit_link_hash(walk->at.hash, &link, hash);
	if (hash_parse(row_text(arena, rows, row, "hash"), stored) != STATUS_OK ||
	    memcmp(stored, hash, sizeof(hash)) != 0) {
		broken(walk, AUDIT_CHANGED, position);
		return false;
	}
	walk->at.position = position;
	memcpy(walk->at.hash, hash, sizeof(hash));
	walk->proof->events++;
	if (walk->seen && walk->seen->position == position &&
	    memcmp(walk->seen->hash, hash, sizeof(hash)) != 0) {
		broken(walk, AUDIT_REPLACED, position);
		return false;
	}
	return true;
}

/* Walk to the end that the chain had at the beginning; what came later is for the next time. */
static enum status walk_pages(struct walk *walk)
{
	while (walk->at.position < walk->end) {
		CLEANUP(PQclear) PGresult *rows = NULL;
		CLEANUP(arena) struct arena arena = { 0 };
		enum status st =
			db_query(walk->db, audit_page_sql,
				 PARAMS(param_int(&arena, walk->at.position),
					param_int(&arena, walk->end), param_int(&arena, PAGE_ROWS)),
				 &rows);
		if (st != STATUS_OK)
			return st;
		if (PQntuples(rows) == 0) {
			broken(walk, AUDIT_MISSING, walk->at.position + 1);
			return STATUS_OK;
		}
		for (int row = 0; row < PQntuples(rows); row++)
			if (!step(walk, &arena, rows, row))
				return STATUS_OK;
	}
	return STATUS_OK;
}

/* Rows that are not between the two ends of the chain. */
static enum status find_strays(struct walk *walk)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	enum status st = db_query(walk->db, audit_stray_sql, NO_PARAMS, &rows);
	if (st == STATUS_OK && PQntuples(rows) > 0)
		broken(walk, AUDIT_ADDED, row_int(rows, 0, "position"));
	return st;
}

/* What a head from the log says about a chain with these ends, before any event was looked at. */
static void judge_witness(struct walk *walk, const struct chain *chain)
{
	const struct audit_head *witness = walk->seen;
	if (!witness)
		return;
	if (witness->position > chain->end.position)
		broken(walk, AUDIT_MISSING, chain->end.position + 1);
	else if (witness->position < chain->pruned.position)
		broken(walk, AUDIT_NO_WITNESS, witness->position);
	else if (witness->position == chain->pruned.position &&
		 memcmp(witness->hash, chain->pruned.hash, AUDIT_HASH_BYTES) != 0)
		broken(walk, AUDIT_REPLACED, witness->position);
}

static enum status verify_once(struct walk *walk, const struct chain *chain)
{
	walk->at = chain->pruned;
	walk->end = chain->end.position;
	*walk->proof = (struct audit_proof){ .first = chain->pruned.position + 1 };
	enum status st = walk_pages(walk);
	if (st == STATUS_OK && walk->proof->kind == AUDIT_WHOLE &&
	    memcmp(walk->at.hash, chain->end.hash, AUDIT_HASH_BYTES) != 0)
		broken(walk, AUDIT_CHANGED, walk->end);
	if (st == STATUS_OK && walk->proof->kind == AUDIT_WHOLE)
		st = find_strays(walk);
	if (st == STATUS_OK && walk->proof->kind == AUDIT_WHOLE)
		judge_witness(walk, chain);
	walk->proof->last = walk->at.position;
	return st;
}

enum status audit_verify(struct db *db, struct arena *arena, const struct audit_head *witness,
			 struct audit_proof *ret_proof)
{
	struct walk walk = { .db = db, .seen = witness, .proof = ret_proof };
	for (int i = 0; i < STARTS_MAX; i++) {
		struct chain chain, now;
		enum status st = chain_read(db, &chain);
		if (st == STATUS_OK)
			st = verify_once(&walk, &chain);
		if (st == STATUS_OK)
			st = chain_read(db, &now);
		if (st != STATUS_OK)
			return st;
		ret_proof->head = hash_text(arena, walk.at.hash);
		/* The janitor may have removed the oldest events meanwhile: then that was no break. */
		if (ret_proof->kind == AUDIT_WHOLE || now.pruned.position == chain.pruned.position)
			return STATUS_OK;
	}
	return STATUS_RETRY;
}
