/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-lambda-function.h"
#include "practice-runtime-invocation.h"
#include "practice-runtime-sandbox.h"

G_BEGIN_DECLS

typedef enum {
  PRACTICE_WORKER_STARTING,  /* the process comes up */
  PRACTICE_WORKER_SPARE,     /* ready for any function */
  PRACTICE_WORKER_LOADING,   /* has its function and first invocation, unpacks and imports */
  PRACTICE_WORKER_BUSY,      /* handles an invocation */
  PRACTICE_WORKER_ENDING,    /* has answered, not yet asked for the next */
  PRACTICE_WORKER_IDLE,      /* waits for the next */
  PRACTICE_WORKER_GONE,
} PracticeWorkerState;

/**
 * PracticeWorker:
 *
 * One process that handles the events of one function, one at a time: what Lambda calls an execution environment.
 *
 * Signals: "changed": its state is another.
 */
#define PRACTICE_TYPE_WORKER (practice_worker_get_type ())
G_DECLARE_FINAL_TYPE (PracticeWorker, practice_worker, PRACTICE, WORKER, GObject)

/* Does not own @server. Starts the process; it is GONE at once where that cannot be. */
PracticeWorker      *practice_worker_new          (PracticeServer     *server,
                                                   PracticeSandbox    *sandbox);
PracticeWorkerState  practice_worker_get_state    (PracticeWorker     *self);
/* The secret part of its Runtime API's path. */
const char          *practice_worker_get_token    (PracticeWorker     *self);
const char          *practice_worker_get_function (PracticeWorker     *self);   /* ARN */
const char          *practice_worker_get_revision (PracticeWorker     *self);
/* Since when it is in its state: monotonic µs. */
gint64               practice_worker_get_since    (PracticeWorker     *self);
/* How long an invocation takes it, by its last one and by the one that it has: µs, 0 where it has not answered one yet. */
gint64               practice_worker_get_duration (PracticeWorker     *self);
/* How long it took to start and to load its function: µs. */
gint64               practice_worker_get_cold     (PracticeWorker     *self);
/* Why it did not start, or NULL. */
const char          *practice_worker_get_failure  (PracticeWorker     *self);

/* A SPARE becomes @function's and handles @invocation when it has loaded. */
void                 practice_worker_assign       (PracticeWorker     *self,
                                                   PracticeFunction   *function,
                                                   PracticeInvocation *invocation);
/* An IDLE one handles @invocation. @function: as it is now, for the time-out. */
void                 practice_worker_run          (PracticeWorker     *self,
                                                   PracticeInvocation *invocation);
/* A request to its Runtime API; @path begins after the token: "/2018-06-01/runtime/invocation/next". */
void                 practice_worker_serve        (PracticeWorker     *self,
                                                   PracticeCall       *call,
                                                   const char         *method,
                                                   const char         *path);
/* Ends it; an invocation that it handles fails. */
void                 practice_worker_end          (PracticeWorker     *self);

G_END_DECLS
