/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The arguments of CloudFormation's intrinsic functions, apart from what they mean. FALSE where they have another form. */

/* Fn::GetAtt: "Id.Attribute" or ["Id", "Attribute"]; both (transfer full). */
gboolean mill_function_read_get_att (JsonNode    *argument,
                                     char       **logical_id,
                                     char       **attribute);
/* Fn::Sub: a text, or [text, {name: value}]; @names is NULL for the first. */
gboolean mill_function_read_sub     (JsonNode    *argument,
                                     const char **text,
                                     JsonObject **names);

/* Literal text, then the name of a "${name}", NULL at the end; "${!x}" is the literal text "${x}". */
typedef gboolean (*MillSubFunc) (const char *text, gsize length, const char *name, gpointer data);

/* Calls @func until it answers FALSE, and then answers FALSE. */
gboolean mill_function_each_sub     (const char  *text,
                                     MillSubFunc  func,
                                     gpointer     data);

G_END_DECLS
