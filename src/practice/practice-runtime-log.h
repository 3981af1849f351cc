/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-lambda-function.h"

G_BEGIN_DECLS

/**
 * PracticeRuntimeLog:
 *
 * What one worker prints, cut into lines: each becomes an event "function-log" and a log event of the worker's stream, as far as the function's role
 * may write there. What an invocation prints is bounded; a line says where it was cut off.
 */
typedef struct _PracticeRuntimeLog PracticeRuntimeLog;

PracticeRuntimeLog *practice_runtime_log_new         (PracticeServer         *server);
void                practice_runtime_log_free        (PracticeRuntimeLog     *self);
/* Whose lines they are from here on; makes the stream's name. */
void                practice_runtime_log_set_function (PracticeRuntimeLog    *self,
                                                      const PracticeFunction *function);
const char         *practice_runtime_log_get_stream  (PracticeRuntimeLog     *self);
/* An invocation begins: its tail is empty, what was printed before it belongs to it. */
void                practice_runtime_log_begin       (PracticeRuntimeLog     *self,
                                                      const char             *invocation_id);
/* Bytes from the worker. */
void                practice_runtime_log_append      (PracticeRuntimeLog     *self,
                                                      const char             *bytes,
                                                      gsize                   length);
/* A line of the platform's own: START, END, REPORT. */
void                practice_runtime_log_add_line    (PracticeRuntimeLog     *self,
                                                      const char             *format,
                                                      ...) G_GNUC_PRINTF (2, 3);
/* Ends a line that has no end yet and writes what is not written. */
void                practice_runtime_log_flush       (PracticeRuntimeLog     *self);
/* (transfer full): the last 4 KiB of the invocation's lines, base64 (X-Amz-Log-Result). */
char               *practice_runtime_log_get_tail    (PracticeRuntimeLog     *self);
/* (transfer full): all that was printed and not yet taken: what a worker said before it knew its function. */
char               *practice_runtime_log_steal_text  (PracticeRuntimeLog     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeRuntimeLog, practice_runtime_log_free)

G_END_DECLS
