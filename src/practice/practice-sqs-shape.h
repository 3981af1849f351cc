/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The parameters of the older query protocol ("Attribute.1.Name") in place as the JSON protocol has them ("Attributes": {…}). */
void        practice_sqs_shape_params (const char *operation,
                                       JsonObject *params);
/* A result of the JSON protocol as the query protocol's XML has it, whose lists are repeated elements. Takes and returns the object. */
JsonObject *practice_sqs_shape_result (const char *operation,
                                       JsonObject *result);

G_END_DECLS
