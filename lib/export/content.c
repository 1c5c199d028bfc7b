/* Rows as JSON, page by page. */
#include "export/content.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/failpoint.h"
#include "base/json.h"
#include "export/bundle.h"
#include "export/guide.h"
#include "export/task.h"
#include "store/db.h"
#include "store/inventory.h"

enum { ITEMS_AT_ONCE = 250 };

static enum status write_text(struct export_task *task, const char *text)
{
	return bundle_write(task->bundle, text, strlen(text));
}

/* {"kind": "...", "title": "...", "items": [ */
static enum status write_head(struct export_task *task, const struct inventory_kind *kind)
{
	CLEANUP(arena) struct arena arena = { 0 };
	return write_text(task,
			  arena_printf(&arena, "{\"kind\": \"%s\", \"title\": \"%s\", \"items\": [",
				       kind->name, guide_title(kind->name)));
}

/* One page after *position; ret_count: its items. */
static enum status write_page(struct export_task *task, const struct inventory_kind *kind,
			      int64_t *position, int64_t *written, size_t *ret_count)
{
	CLEANUP(arena) struct arena arena = { 0 };
	struct export_item *items;
	enum status st =
		export_items(task->place->reader, &arena, kind->export_sql, task->claim.user_id,
			     *position, ITEMS_AT_ONCE, &items, ret_count);
	for (size_t i = 0; st == STATUS_OK && i < *ret_count; i++) {
		st = write_text(task, *written > 0 ? ",\n" : "\n");
		if (st == STATUS_OK)
			st = write_text(task, items[i].json);
		*position = items[i].position;
		++*written;
	}
	return st == STATUS_OK ? export_task_tick(task) : st;
}

static enum status write_kind(struct export_task *task, const struct inventory_kind *kind)
{
	CLEANUP(arena) struct arena arena = { 0 };
	const char *path = arena_printf(&arena, "data/%s.json", kind->name);
	int64_t position = 0, written = 0;
	enum status st = bundle_begin(task->bundle, path, BUNDLE_SIZE_UNKNOWN, task->began);
	if (st == STATUS_OK)
		st = write_head(task, kind);
	for (size_t count = ITEMS_AT_ONCE; st == STATUS_OK && count == ITEMS_AT_ONCE;)
		st = write_page(task, kind, &position, &written, &count);
	if (st == STATUS_OK)
		st = write_text(task,
				arena_printf(&arena, "\n], \"count\": %" PRId64 "}\n", written));
	return st == STATUS_OK ? export_task_end_entry(task, path, NULL, NULL) : st;
}

enum status content_write(struct export_task *task)
{
	struct db *reader = task->place->reader;
	enum status st = db_begin_snapshot(reader);
	for (size_t i = 0; st == STATUS_OK && i < inventory_count; i++) {
		task->kinds = (int)i;
		if (inventory[i].export_sql)
			st = write_kind(task, &inventory[i]);
		FAILPOINT("export_kind_written");
	}
	task->kinds = (int)inventory_count;
	/* Nothing was changed: how it ends does not matter, that it ends does. */
	db_rollback(reader);
	return st;
}
