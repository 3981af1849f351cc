/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * practice_route_match:
 * @route: "POST /2015-03-31/functions/{FunctionName}/invocations"; {Name+} takes the rest of the path
 * @path: as it is on the wire, without the query
 * @labels: (nullable): gets the labels' values, decoded
 *
 * A slash at the end of @path makes no difference. Literal segments outweigh labels, labels outweigh the rest of a path.
 *
 * Returns: how well it fits, more is better; 0 where it does not
 */
guint practice_route_match (const char *route,
                            const char *method,
                            const char *path,
                            JsonObject *labels);

G_END_DECLS
