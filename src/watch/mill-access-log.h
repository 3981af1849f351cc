/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MillAccessLog:
 *
 * How a stage of an API writes its access log: text between variables ("$context.requestId"), whether that makes JSON, XML, CSV, the Common Log
 * Format or something of one's own (API Gateway Developer Guide, "Access logging for REST APIs"). The same text reads the lines again.
 */
typedef struct _MillAccessLog MillAccessLog;

/* (transfer full): never NULL. @format: anything */
MillAccessLog *mill_access_log_new       (const char    *format);
void           mill_access_log_free      (MillAccessLog *self);
const char    *mill_access_log_get_format (MillAccessLog *self);
/* @name: "requestId" "error.message" … */
gboolean       mill_access_log_has       (MillAccessLog *self,
                                          const char    *name);
/**
 * mill_access_log_read:
 *
 * Takes time and memory in proportion to the line's length, whatever stands in it.
 *
 * Returns: (transfer full) (nullable) (element-type utf8 utf8): what the variables were, without those that had no value ("-"); NULL where the line
 *   was not written like this
 */
GHashTable    *mill_access_log_read      (MillAccessLog *self,
                                          const char    *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillAccessLog, mill_access_log_free)

G_END_DECLS
