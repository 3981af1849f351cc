/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * practice_xml_answer:
 * @operation: "CreateTopic"
 * @result: (nullable): NULL leaves out the Result element, as AWS does for operations without an output
 * @maps: (nullable): names of members that are maps, NULL-terminated
 * @flat: arrays are repeated elements ("Message", "Message") instead of <member> elements in one
 *
 * Returns: (transfer full): the answer of the query protocol
 */
char *practice_xml_answer (const char         *operation,
                           const char         *xml_namespace,
                           JsonObject         *result,
                           const char *const  *maps,
                           gboolean            flat,
                           const char         *request_id);
/* @sender: the caller's fault. */
char *practice_xml_error  (const char         *xml_namespace,
                           gboolean            sender,
                           const char         *code,
                           const char         *message,
                           const char         *request_id);

G_END_DECLS
