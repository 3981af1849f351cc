/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-runtime-log.h"
#include "practice-runtime-worker.h"
#include "practice-server.h"

G_BEGIN_DECLS

/* What the files of PracticeWorker share. */

struct _PracticeWorker {
  GObject              parent_instance;

  PracticeServer      *server;
  PracticeSandbox     *sandbox;
  PracticeWorkerState  state;
  gint64               since;
  char                *token;
  char                *directory;
  char                *failure;

  GSubprocess         *process;
  GSocket             *control;
  GSource             *control_source;
  GSocket             *listener;
  GSource             *listener_source;
  int                  output_fd;
  guint                output_id;
  guint                timeout_id;

  char                *function_arn;
  char                *revision;
  gint64               timeout;
  gint64               memory;
  PracticePrincipal   *principal;
  AwsCredentials      *credentials;
  PracticeRuntimeLog  *log;

  PracticeInvocation  *invocation;
  PracticeCall        *next;          /* asks for the next invocation */
  gint64               load_started;  /* monotonic µs */
  gint64               cold;          /* how long it took to start and to load, or 0 */
  gint64               started;
  gint64               duration;      /* µs of the last invocation, or 0 */
  double               init_ms;       /* of a cold start not reported yet, or 0 */
  gint64               max_memory_kb;
  gboolean             begun;         /* START was written */
  gboolean             timed_out;
  gboolean             out_of_memory;
};

/* Tells of it; what is GONE stays so. */
void     practice_worker_set_state   (PracticeWorker       *self,
                                      PracticeWorkerState   state);

/*
 * practice-runtime-worker-process.c: the process, the socket on which it says that it is up, its output.
 */
gboolean practice_worker_start       (PracticeWorker       *self,
                                      GError              **error);
/* Reads what is in the pipe now, or with @all FALSE a piece of it; FALSE at its end. */
gboolean practice_worker_read_output (PracticeWorker       *self,
                                      gboolean              all);
/* Kills the process when this time is over: the invocation's where it has one, otherwise the start's. */
void     practice_worker_set_timeout (PracticeWorker       *self,
                                      gint64                milliseconds);
/* The process ends; what that means is seen when it has. */
void     practice_worker_kill        (PracticeWorker       *self);
/* Lets go of all that leads to the process. */
void     practice_worker_close       (PracticeWorker       *self);

/*
 * practice-runtime-worker-order.c: what the process is told when it gets its function: environment, path, limits.
 */
void     practice_worker_send_order  (PracticeWorker       *self,
                                      PracticeFunction     *function);

/*
 * practice-runtime-worker-invocation.c: the lines START, END and REPORT, the events of an invocation, its end.
 */
/* START and the event for it: the invocation is the function's from here on. */
void     practice_worker_begin       (PracticeWorker       *self);
/* @status: as of practice_invocation_finish(); @result: (transfer full); @report: (nullable): what REPORT ends with. */
void     practice_worker_finish      (PracticeWorker       *self,
                                      const char           *status,
                                      GBytes               *result,
                                      const char           *report);
/* The invocation of a process that ended while it had one. */
void     practice_worker_fail_ended  (PracticeWorker       *self);

/*
 * practice-runtime-worker-api.c: the Runtime API.
 */
/* The invocation goes to the worker: it has asked for one, and there is one. */
void     practice_worker_deliver     (PracticeWorker       *self);

G_END_DECLS
