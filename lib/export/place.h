/* Where exports are made: the folders, the database, and what removes archives that nobody has asked for any more. */
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct config;
struct db;

struct export_place {
	const struct config *config;
	struct db *db;
	struct db *
		reader; /* a connection for what takes a while, so that the lease is renewed meanwhile */
	int exports, videos; /* folders of media_dir */
	const volatile sig_atomic_t *stopping;
};

/*
 * Open folders and connections; config and stopping are set before. The caller closes in any case.
 * STATUS_BROKEN (logged): a folder is missing or closed to us; otherwise as db_open().
 */
MUST_CHECK enum status export_place_open(struct export_place *place);
void export_place_close(struct export_place *place);

/* True while bytes more can be written so that reserve bytes stay free on the disk. */
bool export_place_has_room(const struct export_place *place, int64_t bytes, int64_t reserve);

/* Remove an archive. STATUS_OK also when it was gone. */
MUST_CHECK enum status export_place_remove(const struct export_place *place, const char *file);

/* End what is over: archives past their time, attempts that nobody goes on with, files without a row. */
MUST_CHECK enum status export_place_sweep(const struct export_place *place);
