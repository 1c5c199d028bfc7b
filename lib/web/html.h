/*
 * Templates: {{name}} escaped, {{#name}}...{{/name}} for each or if true, {{^name}}...{{/name}} if
 * empty, {{.}} the item itself. There is no unescaped form. A name is looked up in the innermost
 * section first. A name that no view has, an unclosed section or a bad tag is a hard error.
 */
#pragma once
#include <stddef.h>

#include "base/status.h"

struct buf;
struct json_object;

/* Append template rendered with view to out. STATUS_BROKEN (logged) for a fault of template or view. */
MUST_CHECK enum status html_render(const char *template, struct json_object *view, struct buf *out);

/* Append text with & < > " ' escaped: right in text and in quoted attributes. */
void html_escape(struct buf *out, const char *text, size_t length);
