/* The query of /oauth/start that begins a sign-in anew. */
#pragma once

struct arena;
struct oauth_state;

/* "return=%2F&account=7", "return=%2Fdeletion&purpose=erase"; encoded, in the arena. */
const char *oauth_query(struct arena *arena, const struct oauth_state *begun);
