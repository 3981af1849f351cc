/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * PracticeSandbox:
 *
 * Where function code runs. With bubblewrap each worker has namespaces of its own: no network but a loopback of its own, no processes but its own, of the files
 * only the system's programs, its code (read only) and a bounded /tmp. Where bubblewrap is missing or may not make namespaces, workers run with
 * resource limits and a clean environment alone, and one line on standard error says so. The folders of workers lie in a private folder below the
 * temporary directory; what a killed practice cloud left there is removed by the next.
 */
#define PRACTICE_TYPE_SANDBOX (practice_sandbox_get_type ())
G_DECLARE_FINAL_TYPE (PracticeSandbox, practice_sandbox, PRACTICE, SANDBOX, GObject)

/* NULL where no folder can be made. */
PracticeSandbox *practice_sandbox_new            (GError          **error);
/* Removes the folders, when all workers have ended. */
void             practice_sandbox_remove         (PracticeSandbox  *self);
gboolean         practice_sandbox_is_closed      (PracticeSandbox  *self);   /* whether bubblewrap is used */
/* Says why once, and does without from here on. */
void             practice_sandbox_open_up        (PracticeSandbox  *self,
                                                  const char       *reason);

/* (transfer full): a new folder with "task" and "opt" in it. */
char            *practice_sandbox_make_directory (PracticeSandbox  *self,
                                                  GError          **error);
/* Where a worker of @directory sees its "task" and "opt". */
char            *practice_sandbox_get_task       (PracticeSandbox  *self,
                                                  const char       *directory);
char            *practice_sandbox_get_opt        (PracticeSandbox  *self,
                                                  const char       *directory);

/**
 * practice_sandbox_spawn:
 * @port: the port that the worker shall listen on in its own network; only used where the sandbox is closed
 * @control_fd: (transfer full): becomes file descriptor 3
 * @output_fd: (transfer full): becomes standard output and error
 *
 * Starts a worker. It dies with this process, whatever ends it. Call it in the main thread: the kernel ties the worker to the thread that starts it.
 */
GSubprocess     *practice_sandbox_spawn          (PracticeSandbox  *self,
                                                  const char       *directory,
                                                  guint             port,
                                                  int               control_fd,
                                                  int               output_fd,
                                                  GError          **error);
/* Kills the worker and all that it started. */
void             practice_sandbox_kill           (PracticeSandbox  *self,
                                                  GSubprocess      *process);
/* The bound on processes for a worker (RLIMIT_NPROC): counted by namespace where closed, otherwise on top of those that the user has. */
guint            practice_sandbox_get_processes  (PracticeSandbox  *self);
/* The bound on files in /tmp, bytes. */
gint64           practice_sandbox_get_tmp_bytes  (PracticeSandbox  *self);

G_END_DECLS
