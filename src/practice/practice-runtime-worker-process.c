/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-runtime-worker-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdmessage.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OUTPUT_CHUNK 65536
/* Output is read after what matters more. */
#define OUTPUT_PRIORITY (G_PRIORITY_DEFAULT + 10)
#define START_SECONDS 30

static void
clear_source (GSource **source)
{
  if (*source != NULL) {
    g_source_destroy (*source);
    g_source_unref (*source);
    *source = NULL;
  }
}

static gboolean
on_output (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  PracticeWorker *self = data;

  if (practice_worker_read_output (self, FALSE))
    return G_SOURCE_CONTINUE;
  self->output_id = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
on_timeout (gpointer data)
{
  PracticeWorker *self = data;

  self->timeout_id = 0;
  if (self->state == PRACTICE_WORKER_STARTING)
    self->failure = g_strdup ("a worker did not start in time");
  else
    self->timed_out = TRUE;
  practice_worker_kill (self);
  return G_SOURCE_REMOVE;
}

static void
on_exited (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (PracticeWorker) self = data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  if (self->state == PRACTICE_WORKER_GONE)
    return;
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (self->control != NULL) {
    char note[16];

    /* What it said last may not have been read yet. */
    if (g_socket_receive_with_blocking (self->control, note, sizeof note, FALSE, NULL, NULL) > 0 && note[0] == 'm')
      self->out_of_memory = TRUE;
  }
  practice_worker_read_output (self, TRUE);
  if (self->state == PRACTICE_WORKER_STARTING && self->failure == NULL) {
    g_autofree char *text = practice_runtime_log_steal_text (self->log);

    g_strdelimit (g_strstrip (text), "\n", ' ');
    self->failure = *text != '\0' ? g_steal_pointer (&text) : g_strdup ("a worker ended when it started");
  }
  if (self->invocation != NULL)
    practice_worker_fail_ended (self);
  practice_worker_end (self);
}

static gboolean
on_connection (GSocket      *socket,
               GIOCondition  condition,
               gpointer      data)
{
  PracticeWorker *self = data;
  g_autoptr (GSocket) accepted = g_socket_accept (socket, NULL, NULL);

  if (accepted != NULL) {
    g_autoptr (GSocketConnection) connection = g_socket_connection_factory_create_connection (accepted);

    /* Answers are small and written in parts: none of them may wait for an acknowledgement. */
    g_socket_set_option (accepted, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
    practice_server_accept (self->server, connection);
  }
  return G_SOURCE_CONTINUE;
}

static void
take_listener (PracticeWorker         *self,
               GSocketControlMessage **messages,
               int                     count)
{
  for (int i = 0; i < count; i++) {
    if (G_IS_UNIX_FD_MESSAGE (messages[i]) && self->listener == NULL) {
      g_autofree int *fds = NULL;
      int n = 0;

      fds = g_unix_fd_message_steal_fds (G_UNIX_FD_MESSAGE (messages[i]), &n);
      for (int j = 0; j < n; j++) {
        if (j == 0)
          self->listener = g_socket_new_from_fd (fds[j], NULL);
        if (j > 0 || self->listener == NULL)
          close (fds[j]);
      }
    }
    g_object_unref (messages[i]);
  }
  if (self->listener != NULL) {
    g_socket_set_blocking (self->listener, FALSE);
    self->listener_source = g_socket_create_source (self->listener, G_IO_IN, NULL);
    g_source_set_callback (self->listener_source, G_SOURCE_FUNC (on_connection), self, NULL);
    g_source_attach (self->listener_source, NULL);
  }
}

static gboolean
on_control (GSocket      *socket,
            GIOCondition  condition,
            gpointer      data)
{
  PracticeWorker *self = data;
  char buffer[64];
  GInputVector vector = { buffer, sizeof buffer };
  GSocketControlMessage **messages = NULL;
  int count = 0;
  gssize length = g_socket_receive_message (socket, NULL, &vector, 1, &messages, &count, NULL, NULL, NULL);

  if (self->state == PRACTICE_WORKER_STARTING && length > 0 && buffer[0] == 'h') {
    take_listener (self, messages, count);
    g_clear_handle_id (&self->timeout_id, g_source_remove);
    self->cold = g_get_monotonic_time () - self->since;
    practice_worker_set_state (self, PRACTICE_WORKER_SPARE);
  } else {
    for (int i = 0; i < count; i++)
      g_object_unref (messages[i]);
    if (length > 0 && buffer[0] == 'm')
      self->out_of_memory = TRUE;
  }
  g_free (messages);
  if (length > 0)
    return G_SOURCE_CONTINUE;
  g_source_unref (self->control_source);
  self->control_source = NULL;
  return G_SOURCE_REMOVE;
}

gboolean
practice_worker_start (PracticeWorker  *self,
                       GError         **error)
{
  int control[2] = { -1, -1 };
  int output[2] = { -1, -1 };

  self->directory = practice_sandbox_make_directory (self->sandbox, error);
  if (self->directory == NULL)
    return FALSE;
  if (!g_unix_open_pipe (output, FD_CLOEXEC, error))
    return FALSE;
  self->output_fd = output[0];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) != 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "No socket: %s", g_strerror (errno));
    close (output[1]);
    return FALSE;
  }
  g_type_ensure (G_TYPE_UNIX_FD_MESSAGE);
  self->control = g_socket_new_from_fd (control[0], error);
  g_unix_set_fd_nonblocking (self->output_fd, TRUE, NULL);
  self->process = practice_sandbox_spawn (self->sandbox, self->directory, practice_server_get_port (self->server), control[1], output[1], error);
  if (self->process == NULL || self->control == NULL)
    return FALSE;
  g_socket_set_blocking (self->control, FALSE);
  self->control_source = g_socket_create_source (self->control, G_IO_IN, NULL);
  g_source_set_callback (self->control_source, G_SOURCE_FUNC (on_control), self, NULL);
  g_source_attach (self->control_source, NULL);
  self->output_id = g_unix_fd_add_full (OUTPUT_PRIORITY, self->output_fd, G_IO_IN | G_IO_HUP, on_output, self, NULL);
  g_subprocess_wait_async (self->process, NULL, on_exited, g_object_ref (self));
  practice_worker_set_timeout (self, START_SECONDS * 1000);
  return TRUE;
}

gboolean
practice_worker_read_output (PracticeWorker *self,
                             gboolean        all)
{
  g_autofree char *buffer = g_malloc (OUTPUT_CHUNK);

  do {
    gssize length = read (self->output_fd, buffer, OUTPUT_CHUNK);

    if (length == 0)
      return FALSE;
    if (length < 0)
      return errno == EAGAIN || errno == EINTR;
    practice_runtime_log_append (self->log, buffer, (gsize) length);
  } while (all);
  return TRUE;
}

void
practice_worker_set_timeout (PracticeWorker *self,
                             gint64          milliseconds)
{
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  self->timeout_id = g_timeout_add ((guint) milliseconds, on_timeout, self);
}

void
practice_worker_kill (PracticeWorker *self)
{
  if (self->process != NULL)
    practice_sandbox_kill (self->sandbox, self->process);
}

void
practice_worker_close (PracticeWorker *self)
{
  clear_source (&self->control_source);
  clear_source (&self->listener_source);
  g_clear_handle_id (&self->output_id, g_source_remove);
  if (self->output_fd >= 0)
    close (self->output_fd);
  self->output_fd = -1;
  g_clear_object (&self->control);
  g_clear_object (&self->listener);
}
