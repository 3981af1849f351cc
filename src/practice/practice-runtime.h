/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-lambda-function.h"
#include "practice-runtime-invocation.h"

G_BEGIN_DECLS

/**
 * PracticeRuntime:
 *
 * Runs functions: a pool of warm workers for each, new ones as needed within bounds, a queue beyond them. A spare worker or two are kept ready
 * once there are functions, so that a cold start takes no longer than unpacking and importing the function's own code. Serves the
 * Lambda Runtime API.
 */
#define PRACTICE_TYPE_RUNTIME (practice_runtime_get_type ())
G_DECLARE_FINAL_TYPE (PracticeRuntime, practice_runtime, PRACTICE, RUNTIME, GObject)

/* Does not own @server. */
PracticeRuntime *practice_runtime_new     (PracticeServer     *server);
/* Gets a spare worker ready. */
void             practice_runtime_warm_up (PracticeRuntime    *self);
/* Queues @invocation; it is finished with status "throttled" where the queue is full. A function that is Pending is waited for. */
void             practice_runtime_invoke  (PracticeRuntime    *self,
                                           PracticeInvocation *invocation);
/* The function has changed or is gone: its idle workers of other revisions end, waiting invocations are looked at again. */
void             practice_runtime_update  (PracticeRuntime    *self,
                                           const char         *function_arn);
/* Ends all workers. */
void             practice_runtime_stop    (PracticeRuntime    *self);

G_END_DECLS
