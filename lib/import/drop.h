/*
 * Drop folders: files that SFTP or rsync users put into drop_dir/USER become videos of that user. A file
 * is taken when it has been left alone for a while; its bytes are copied, and it is removed once the copy
 * is safe and noted. Each step can be repeated: killed anywhere, exactly one video comes of each file.
 */
#pragma once
#include <signal.h>

#include "base/status.h"
#include "import/intake.h"

/* Look through all folders once. *stopping ends it early. Does nothing while drop_dir is not set. */
MUST_CHECK enum status drop_all(const struct intake_place *place,
				const volatile sig_atomic_t *stopping);

/*
 * A user is erased: imports end, and what lies in the folder goes. STATUS_BROKEN (logged): some of it
 * could not be removed.
 */
MUST_CHECK enum status drop_erase(const struct intake_place *place, int64_t user_id);
