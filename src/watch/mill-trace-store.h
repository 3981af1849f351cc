/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-trace.h"

G_BEGIN_DECLS

/* So many traces are kept of a deployment; the oldest go first. */
#define MILL_TRACE_STORE_MOST 10000
/* Longer payloads and logs are cut in the store, in bytes. */
#define MILL_TRACE_STORE_MOST_PAYLOAD (64 * 1024)
#define MILL_TRACE_STORE_MOST_LOG (16 * 1024)

#define MILL_TYPE_TRACE_STORE (mill_trace_store_get_type ())

/**
 * MillTraceStore:
 *
 * Keeps traces in SQLite, so that those of past runs are there after a restart. A thread of its own does all reading and writing: no
 * function but mill_trace_store_flush() waits for the disk. Several processes may use one file. To be used in one main context.
 *
 * A file that is damaged is renamed (".damaged" behind its name) and a new one begun: traces can be done without.
 */
G_DECLARE_FINAL_TYPE (MillTraceStore, mill_trace_store, MILL, TRACE_STORE, GObject)

/* @path: NULL for the user's (XDG_DATA_HOME/millrace/traces.db). It is opened with the first use, which then tells of errors. */
MillTraceStore *mill_trace_store_new         (const char           *path);
/*
 * Whatever is noted is on its way to the disk half a second later, as it is then, and at the latest when the store goes. A trace that has no hops left,
 * because another has them now, is taken out of the store.
 */
void            mill_trace_store_note        (MillTraceStore       *self,
                                              const char           *deployment_id,
                                              MillTrace            *trace);
/* Waits until everything noted is written. Errors are sentences. */
gboolean        mill_trace_store_flush       (MillTraceStore       *self,
                                              GError              **error);
/* Forgets all traces of a deployment. */
void            mill_trace_store_forget      (MillTraceStore       *self,
                                              const char           *deployment_id);
/* Loads the traces of a deployment, oldest first, as they were last noted. */
void            mill_trace_store_load_async  (MillTraceStore       *self,
                                              const char           *deployment_id,
                                              GCancellable         *cancellable,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
/* Returns: (transfer container) (element-type MillTrace): NULL with an error, a sentence. */
GPtrArray      *mill_trace_store_load_finish (MillTraceStore       *self,
                                              GAsyncResult         *result,
                                              GError              **error);

/**
 * MillTapped:
 * @id: the higher, the later; 0 where it is not kept yet
 * @message_id: the publish id
 * @event: "topic-tapped" in the tracer's words, as JSON text
 *
 * A message that was read from the tap on a topic. Who reads it takes it away from all others that read the same tap: so it is kept here, for all of them.
 */
typedef struct
{
  gint64  id;
  char   *message_id;
  char   *event;
} MillTapped;

MillTapped     *mill_tapped_new              (const char          *message_id,
                                              const char          *event);
void            mill_tapped_free             (gpointer             self);

/*
 * Keeps @messages (transfer full) (element-type MillTapped), the last MILL_TRACE_STORE_MOST of a deployment, and answers all that anybody kept after the one with
 * the id @after (0: all).
 */
void            mill_trace_store_tap_async   (MillTraceStore      *self,
                                              const char          *deployment_id,
                                              GPtrArray           *messages,
                                              gint64               after,
                                              GCancellable        *cancellable,
                                              GAsyncReadyCallback  callback,
                                              gpointer             user_data);
/* Returns: (transfer full) (element-type MillTapped): NULL with an error, a sentence. */
GPtrArray      *mill_trace_store_tap_finish  (MillTraceStore      *self,
                                              GAsyncResult        *result,
                                              GError             **error);

G_END_DECLS
