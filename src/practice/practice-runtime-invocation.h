/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct _PracticeInvocation PracticeInvocation;

typedef void (*PracticeInvocationDone) (PracticeInvocation *invocation,
                                        gpointer            user_data);

/**
 * PracticeInvocation:
 * @source: "mapping", "invoke", "gateway", "topic", "pipe"
 * @records: (nullable): the ids that came in, for the events
 * @client_context: (nullable): JSON text
 * @status: when done: "ok", "error", "timeout", "crashed", "out-of-memory", or "throttled" where it never ran
 * @result: when done: what the function returned, or the error object
 * @tail: when done: the last of its log, base64
 *
 * One event for one function, and what became of it. Reference counted; main thread only.
 */
struct _PracticeInvocation {
  char                   *id;
  char                   *function_arn;
  const char             *source;
  JsonArray              *records;
  GBytes                 *payload;
  char                   *client_context;

  const char             *status;
  GBytes                 *result;
  char                   *tail;

  PracticeInvocationDone  done;
  gpointer                user_data;
};

/* @source: static; @records: (transfer full) (nullable). @done is called once, in the main loop or at once. */
PracticeInvocation *practice_invocation_new    (const char             *function_arn,
                                                const char             *source,
                                                JsonArray              *records,
                                                GBytes                 *payload,
                                                PracticeInvocationDone  done,
                                                gpointer                user_data);
PracticeInvocation *practice_invocation_ref    (PracticeInvocation     *self);
void                practice_invocation_unref  (PracticeInvocation     *self);
/* @result: (transfer full). Calls done. */
void                practice_invocation_finish (PracticeInvocation     *self,
                                                const char             *status,
                                                GBytes                 *result,
                                                char                   *tail);
/* When done: whether its status is anything but "ok". */
gboolean            practice_invocation_failed (PracticeInvocation     *self);
/* (transfer full): {"errorType", "errorMessage"} */
GBytes             *practice_invocation_make_error (const char         *type,
                                                const char             *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeInvocation, practice_invocation_unref)

G_END_DECLS
