/* Beginning a sign-in anew. */
#include "web/oauth_query.h"

#include <inttypes.h>

#include "base/arena.h"
#include "store/oauth_state.h"
#include "web/form.h"

const char *oauth_query(struct arena *arena, const struct oauth_state *begun)
{
	const char *path = form_encode(arena, begun->return_path);
	if (begun->to_erase)
		return arena_printf(arena, "return=%s&purpose=erase", path);
	if (begun->account_id)
		return arena_printf(arena, "return=%s&account=%" PRId64, path, begun->account_id);
	return arena_printf(arena, "return=%s", path);
}
