/* Where to go after signing in: own pages only, so that no link can lead elsewhere (B25). */
#pragma once

/*
 * path when it is one of this site's pages: "/" or a known first segment, one leading slash, plain
 * characters, perhaps a plain query. "/" for everything else, NULL included.
 */
const char *return_path_or_home(const char *path);
