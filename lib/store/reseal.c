/* Boxes under another key. */
#include "store/reseal.h"

#include <string.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "base/secretbox.h"
#include "queries.h"
#include "store/db.h"
#include "store/listing.h"

enum { PAGE_ROWS = 200, BATCH_BYTES = 400 * 1024, COLUMNS = 6 };

struct work {
	struct db *db;
	const struct secretbox_keys *keys;
	const char *
		only_not; /* id of the key whose boxes are left alone; NULL: open all, write none */
	struct reseal_count *count;
};

/* Rows to be written in one statement: a column is a parameter. */
struct batch {
	const char *columns[COLUMNS][PAGE_ROWS];
	size_t rows, bytes;
};

/* Open a box and, where boxes are written, seal its content anew. False: it stays as it is. */
static bool renew(struct work *work, struct arena *arena, struct secretbox_place place,
		  const char *sealed, const char **ret_sealed)
{
	struct secret secret;
	enum status st = secretbox_open(arena, work->keys, place, sealed, &secret);
	work->count->boxes++;
	if (st == STATUS_OK) {
		work->count->opened++;
		if (work->only_not)
			secretbox_seal(arena, work->keys, place, secret, ret_sealed);
		return true;
	}
	if (st == STATUS_CONFLICT)
		work->count->unknown++;
	else
		work->count->unreadable++;
	return false;
}

static void batch_add(struct batch *batch, const char *const *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		batch->columns[i][batch->rows] = values[i];
		batch->bytes += strlen(values[i]);
	}
	batch->rows++;
}

static const char *column(struct arena *arena, const struct batch *batch, size_t index)
{
	return param_text_array(arena, batch->columns[index], batch->rows);
}

/* Write a batch; each of its rows has so many boxes. */
static enum status batch_write(struct work *work, struct batch *batch, const char *sql,
			       struct params params, int64_t each_row)
{
	int64_t rows;
	enum status st = db_run_count(work->db, sql, params, &rows);
	batch->rows = batch->bytes = 0;
	if (st != STATUS_OK)
		return st;
	work->count->resealed += each_row * rows;
	FAILPOINT("reseal_written");
	return STATUS_OK;
}

static enum status tokens_write(struct work *work, struct arena *arena, struct batch *batch)
{
	if (batch->rows == 0)
		return STATUS_OK;
	FAILPOINT("reseal_before");
	return batch_write(work, batch, key_tokens_reseal_sql,
			   PARAMS(column(arena, batch, 0), column(arena, batch, 1),
				  column(arena, batch, 2), column(arena, batch, 3),
				  column(arena, batch, 4), column(arena, batch, 5)),
			   2);
}

static enum status tokens_page(struct work *work, struct arena *arena, int64_t *after,
			       int *ret_found)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	struct batch *batch = arena_alloc(arena, sizeof(*batch));
	enum status st = db_query(
		work->db, key_tokens_sql,
		PARAMS(param_int(arena, *after), work->only_not, param_int(arena, PAGE_ROWS)),
		&rows);
	if (st != STATUS_OK)
		return st;
	*ret_found = PQntuples(rows);
	for (int row = 0; row < *ret_found && st == STATUS_OK; row++) {
		*after = row_int(rows, row, "account_id");
		struct secretbox_place place = { .kind = SECRETBOX_ACCESS_TOKEN,
						 .account_id = *after,
						 .version = row_int(rows, row, "version") };
		const char *old[] = { row_text(arena, rows, row, "access_sealed"),
				      row_text(arena, rows, row, "refresh_sealed") };
		const char *fresh[2] = { 0 };
		bool opened = renew(work, arena, place, old[0], &fresh[0]);
		place.kind = SECRETBOX_REFRESH_TOKEN;
		opened = renew(work, arena, place, old[1], &fresh[1]) && opened;
		if (!opened || !work->only_not)
			continue;
		const char *const values[] = { param_int(arena, *after),
					       param_int(arena, place.version),
					       old[0],
					       old[1],
					       fresh[0],
					       fresh[1] };
		batch_add(batch, values, ARRAY_SIZE(values));
		if (batch->bytes > BATCH_BYTES)
			st = tokens_write(work, arena, batch);
	}
	return st == STATUS_OK ? tokens_write(work, arena, batch) : st;
}

static enum status addresses_write(struct work *work, struct arena *arena, struct batch *batch)
{
	if (batch->rows == 0)
		return STATUS_OK;
	return batch_write(
		work, batch, key_addresses_reseal_sql,
		PARAMS(column(arena, batch, 0), column(arena, batch, 1), column(arena, batch, 2)),
		1);
}

static enum status addresses_page(struct work *work, struct arena *arena, int64_t *after,
				  int *ret_found)
{
	CLEANUP(PQclear) PGresult *rows = NULL;
	struct batch *batch = arena_alloc(arena, sizeof(*batch));
	enum status st = db_query(
		work->db, key_addresses_sql,
		PARAMS(param_int(arena, *after), work->only_not, param_int(arena, PAGE_ROWS)),
		&rows);
	if (st != STATUS_OK)
		return st;
	*ret_found = PQntuples(rows);
	for (int row = 0; row < *ret_found && st == STATUS_OK; row++) {
		*after = row_int(rows, row, "id");
		const char *old = row_text(arena, rows, row, "upload_url_sealed"), *fresh = NULL;
		struct secretbox_place place = { .kind = SECRETBOX_UPLOAD_ADDRESS,
						 .account_id = row_int(rows, row, "account_id"),
						 .row_id = *after };
		if (!renew(work, arena, place, old, &fresh) || !work->only_not)
			continue;
		const char *const values[] = { param_int(arena, *after), old, fresh };
		batch_add(batch, values, ARRAY_SIZE(values));
		if (batch->bytes > BATCH_BYTES)
			st = addresses_write(work, arena, batch);
	}
	return st == STATUS_OK ? addresses_write(work, arena, batch) : st;
}

static enum status each_page(struct work *work,
			     enum status (*page)(struct work *work, struct arena *arena,
						 int64_t *after, int *ret_found))
{
	int64_t after = 0;
	for (int found = PAGE_ROWS; found == PAGE_ROWS;) {
		CLEANUP(arena) struct arena arena = { 0 };
		enum status st = page(work, &arena, &after, &found);
		if (st != STATUS_OK)
			return st;
	}
	return STATUS_OK;
}

static enum status each_box(struct db *db, const struct secretbox_keys *keys, const char *only_not,
			    struct reseal_count *ret_count)
{
	struct reseal_count count = { 0 };
	struct work work = { db, keys, only_not, &count };
	enum status st = each_page(&work, tokens_page);
	if (st == STATUS_OK)
		st = each_page(&work, addresses_page);
	*ret_count = count;
	return st;
}

enum status reseal_verify(struct db *db, const struct secretbox_keys *keys,
			  struct reseal_count *ret_count)
{
	return each_box(db, keys, NULL, ret_count);
}

enum status reseal_all(struct db *db, const struct secretbox_keys *keys,
		       struct reseal_count *ret_count)
{
	char newest[SECRETBOX_KEY_ID_SIZE];
	secretbox_sealing_id(keys, newest);
	return each_box(db, keys, newest, ret_count);
}

enum status reseal_by_key(struct db *db, struct json_object **ret_items)
{
	return listing_read(db, key_count_sql, NO_PARAMS, ret_items);
}
