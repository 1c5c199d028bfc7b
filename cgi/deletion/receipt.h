/* The receipt of an erasure: its page, and taking it back. */
#pragma once
#include "base/status.h"

struct request;
struct response;

/* GET /deletion/{receipt}[?lang=ru] */
enum status receipt_show(struct request *req, struct response *res);

/* POST /deletion/{receipt}/undo: whoever has the receipt may. */
enum status receipt_undo(struct request *req, struct response *res);

/* POST /deletion/undo: whoever is signed in. */
enum status receipt_undo_own(struct request *req, struct response *res);
