/* What to call a downloaded video: as its server says (RFC 6266), else as its address does. */
#pragma once

struct arena;

/*
 * The file name of a Content-Disposition header (NULL: none), made fit to be shown; else the last
 * part of url's path; else "". In the arena.
 */
const char *source_name(struct arena *arena, const char *disposition, const char *url);
