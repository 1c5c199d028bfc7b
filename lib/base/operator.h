/* Who runs the operator's tool: for the record, as far as the system tells. It is a note, no proof. */
#pragma once

struct arena;

/*
 * The person's Unix name in the arena: of whoever called sudo, else of who logged in, else of the user that this
 * process runs as. At most 32 letters, digits, '.', '_' and '-'; "unknown" where there is no such name. Never NULL.
 */
const char *operator_name(struct arena *arena);
