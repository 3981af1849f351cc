/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * practice_form_parse:
 * @text: "name=value&name=value", percent-encoded, not terminated
 *
 * Reads a form or query string. Names that stand more than once become arrays of strings, the others strings.
 *
 * Returns: (transfer full): the object; NULL with @error where the text is not UTF-8, holds a NUL or has too many names
 */
JsonObject *practice_form_parse     (const char  *text,
                                     gsize        length,
                                     GError     **error);

/**
 * practice_form_unflatten:
 * @text: the form of a query protocol's request
 *
 * Reads the parameters of the query protocol ("Query API" of the SQS, SNS and IAM references): "A.member.1" and "A.1" become
 * arrays in the order of their numbers, "A.entry.1.key" and "A.entry.1.value" (or "Name" and "Value") objects, "A.B" objects; every
 * leaf is a string.
 *
 * Returns: (transfer full): the object; NULL with @error where names contradict each other or nest too deep
 */
JsonObject *practice_form_unflatten (const char  *text,
                                     gsize        length,
                                     GError     **error);

/* (transfer full) (nullable): @text without percent-encoding ("+" is a blank where @plus); NULL where it is broken or holds a NUL. */
char       *practice_form_decode    (const char  *text,
                                     gsize        length,
                                     gboolean     plus);

G_END_DECLS
