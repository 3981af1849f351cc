/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Points at which a program can be killed: before and after every request to a cloud, and before and after every commit of the ledger. The linker puts
 * these functions around the real ones (--wrap) in a test's own millrace-cli; the program that is installed has nothing of it.
 *
 *   MILLRACE_FAULT_AT=N        at the N-th point (from 1) …
 *   MILLRACE_FAULT_PID=PID     … that process is killed, or where this is not set, this one
 *   MILLRACE_FAULT_LOG=FILE    a line for each point; behind a commit how many microseconds it took
 */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "aws-http.h"

AwsHttpAnswer *__real_aws_http_exchange (const char *base, AwsRequest *request, guint seconds, GCancellable *cancellable, GError **error);
AwsHttpAnswer *__wrap_aws_http_exchange (const char *base, AwsRequest *request, guint seconds, GCancellable *cancellable, GError **error);
int            __real_sqlite3_exec      (sqlite3 *db, const char *sql, int (*callback) (void *, int, char **, char **), void *data, char **message);
int            __wrap_sqlite3_exec      (sqlite3 *db, const char *sql, int (*callback) (void *, int, char **, char **), void *data, char **message);

static void
pass (const char *what)
{
  static gint passed = 0;
  int number = g_atomic_int_add (&passed, 1) + 1;
  const char *at = g_getenv ("MILLRACE_FAULT_AT");
  const char *pid = g_getenv ("MILLRACE_FAULT_PID");
  const char *log = g_getenv ("MILLRACE_FAULT_LOG");

  if (log != NULL)
    {
      g_autofree char *line = g_strdup_printf ("%d %s\n", number, what);
      int fd = open (log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

      if (fd < 0 || write (fd, line, strlen (line)) < 0)
        g_error ("%s cannot be written", log);
      close (fd);
    }
  if (at != NULL && (guint64) number == g_ascii_strtoull (at, NULL, 10))
    kill (pid != NULL ? (pid_t) g_ascii_strtoll (pid, NULL, 10) : getpid (), SIGKILL);
}

AwsHttpAnswer *
__wrap_aws_http_exchange (const char    *base,
                          AwsRequest    *request,
                          guint          seconds,
                          GCancellable  *cancellable,
                          GError       **error)
{
  AwsHttpAnswer *answer;

  pass ("before call");
  answer = __real_aws_http_exchange (base, request, seconds, cancellable, error);
  pass ("after call");
  return answer;
}

int
__wrap_sqlite3_exec (sqlite3     *db,
                     const char  *sql,
                     int        (*callback) (void *, int, char **, char **),
                     void        *data,
                     char       **message)
{
  gboolean commits = g_str_equal (sql, "COMMIT");
  g_autofree char *after = NULL;
  gint64 began;
  int code;

  if (commits)
    pass ("before commit");
  began = g_get_monotonic_time ();
  code = __real_sqlite3_exec (db, sql, callback, data, message);
  if (commits)
    {
      after = g_strdup_printf ("after commit %" G_GINT64_FORMAT, g_get_monotonic_time () - began);
      pass (after);
    }
  return code;
}
