/* The length of an upload, which may be told later than its first bytes (creation-defer-length). */
#pragma once
#include <stdbool.h>

struct request;
struct response;
struct work;

/*
 * What the PATCH says of the upload's length, if it does: noted where it was open, so that it stays;
 * else false: answered. The part is locked.
 */
bool upload_take_length(struct request *req, struct response *res, struct work *work);

/*
 * Refuse bytes that the upload has no room for, with its state. detail is for an upload of known length;
 * where it is open the reason is the largest video, or the user's storage.
 */
void upload_refuse_excess(struct request *req, struct response *res, const struct work *work,
			  const char *detail);
