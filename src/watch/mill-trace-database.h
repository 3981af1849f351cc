/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MillTraceDatabase:
 *
 * The file in which MillTraceStore keeps traces: SQLite, opened with the first use. Blocks; to be used by one thread at a time. Errors are sentences.
 */
typedef struct _MillTraceDatabase MillTraceDatabase;

MillTraceDatabase *mill_trace_database_new    (const char         *path);
void               mill_trace_database_free   (MillTraceDatabase  *self);
/* @traces: (element-type MillTrace): written whole, in place of what was there of them, of one without hops nothing; then the oldest of the deployment go */
gboolean           mill_trace_database_save   (MillTraceDatabase  *self,
                                               const char         *deployment,
                                               GPtrArray          *traces,
                                               GError            **error);
/* Returns: (transfer full) (element-type MillTrace): all traces of the deployment, oldest first; NULL with an error */
GPtrArray         *mill_trace_database_load   (MillTraceDatabase  *self,
                                               const char         *deployment,
                                               GError            **error);
gboolean           mill_trace_database_forget (MillTraceDatabase  *self,
                                               const char         *deployment,
                                               GError            **error);
/*
 * Keeps @messages (element-type MillTapped) as well, of which one that is there already is left out, and then the oldest go. Returns: (transfer full)
 * (element-type MillTapped): all that were kept after the one with id @after, in that order; NULL with an error
 */
GPtrArray         *mill_trace_database_tap    (MillTraceDatabase  *self,
                                               const char         *deployment,
                                               GPtrArray          *messages,
                                               gint64              after,
                                               GError            **error);

G_END_DECLS
