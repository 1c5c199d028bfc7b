/* What the parts of the upload program share. The context of its requests is the part store. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/sidecar.h"
#include "web/tus.h"

struct request;
struct response;
struct upload_new;
struct upload_verdict;
struct work;

/* What a creation asks for. */
struct creation {
	enum sidecar_kind kind;
	int64_t length;	  /* bytes; the largest possible while it is open */
	bool length_open; /* it comes later */
	const char *metadata, *name;
	struct tus_concat concat;
	bool with_bytes;
	struct tus_checksum checksum; /* of these bytes */
};

/* POST /uploads */
enum status creation_handle(struct request *req, struct response *res);

/* The headers that whole, partial and final creations have in common; false: answered. */
bool creation_read_names(struct request *req, struct response *res, struct creation *creation);

/* Enough free disk space for it; else false: answered. */
bool creation_fits_disk(struct request *req, struct response *res, int64_t length);

/*
 * Write the upload down and make its files, together or not at all; work->id is set, and sidecar.parts of
 * a final one. work->part is locked then. False: answered.
 */
bool creation_make(struct request *req, struct response *res, const struct creation *creation,
		   struct work *work);

/* POST of an upload that is joined from partial ones, once its Upload-Concat is read. */
enum status final_create(struct request *req, struct response *res, struct creation *creation);

/* Answer that a limit of the user stands against a new upload. */
void quota_refuse(struct request *req, struct response *res, const struct upload_new *upload,
		  const struct upload_verdict *verdict);

/*
 * One of the threads that may receive, until receivers_leave(); else false: answered, so that nobody
 * waits in silence.
 */
bool receiver_enter(struct request *req, struct response *res, int64_t user_id);
