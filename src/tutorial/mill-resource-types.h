/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-json-source.h"

G_BEGIN_DECLS

/*
 * Checks the properties of a resource of type @type, and what is nested in them, against what is known of the type:
 * names, value types, ranges, what is required. Values that are functions (Ref, Fn::…) may stand anywhere.
 */
gboolean mill_resource_types_check         (MillJsonSource  *source,
                                            const char      *type,
                                            JsonObject      *properties,
                                            const char      *path,
                                            GError         **error);
gboolean mill_resource_types_has_attribute (const char      *type,
                                            const char      *attribute);
/* (transfer full): the known types, for messages. */
char    *mill_resource_types_list          (void);

/* Whether @node is {"Ref": …} or {"Fn::…": …}; @name: (out) (optional): which. */
gboolean mill_node_is_function             (JsonNode        *node,
                                            const char     **name);

G_END_DECLS
