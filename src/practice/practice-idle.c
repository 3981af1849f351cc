/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-idle.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEY "practice-idle"

/*
 * libsoup ends a connection properly only after the first byte of a request. So where the end of an idle connection is seen, the
 * socket is exchanged, before libsoup looks at it, for one on which a byte and then the end are waiting.
 */

/* A connection; it hangs on its GSocket and ends with it. */
typedef struct {
  GSocket *socket;
  int      fd;
  guint    source_id;
} Idle;

static void
idle_free (Idle *idle)
{
  g_clear_handle_id (&idle->source_id, g_source_remove);
  g_free (idle);
}

static gboolean
on_hangup (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  Idle *idle = data;
  int pair[2];
  char byte = '\n';

  idle->source_id = 0;
  /* libsoup ended it by itself (after an answer without a body it does): the number may be another file's by now. */
  if (g_socket_is_closed (idle->socket))
    return G_SOURCE_REMOVE;
  /* A last request is still to be read; its end brings us here again. */
  if (recv (fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
    return G_SOURCE_REMOVE;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
    return G_SOURCE_REMOVE;
  byte = '-';
  if (send (pair[1], &byte, 1, MSG_NOSIGNAL) == 1)
    dup3 (pair[0], fd, O_CLOEXEC);
  close (pair[0]);
  close (pair[1]);
  return G_SOURCE_REMOVE;
}

static void
on_request_started (SoupServer        *soup,
                    SoupServerMessage *message,
                    gpointer           data)
{
  GSocket *socket = soup_server_message_get_socket (message);
  Idle *idle = socket != NULL ? g_object_get_data (G_OBJECT (socket), KEY) : NULL;

  if (idle != NULL)
    g_clear_handle_id (&idle->source_id, g_source_remove);
}

static void
on_request_finished (SoupServer        *soup,
                     SoupServerMessage *message,
                     gpointer           data)
{
  GSocket *socket = soup_server_message_get_socket (message);
  Idle *idle = NULL;

  if (socket == NULL || g_socket_is_closed (socket))
    return;
  idle = g_object_get_data (G_OBJECT (socket), KEY);
  if (idle == NULL) {
    idle = g_new0 (Idle, 1);
    idle->socket = socket;
    idle->fd = g_socket_get_fd (socket);
    g_object_set_data_full (G_OBJECT (socket), KEY, idle, (GDestroyNotify) idle_free);
  }
  /* Before libsoup's own source, which has the default priority. */
  if (idle->source_id == 0)
    idle->source_id = g_unix_fd_add_full (G_PRIORITY_HIGH, idle->fd, (GIOCondition) (POLLRDHUP | POLLHUP | POLLERR), on_hangup, idle, NULL);
}

void
practice_idle_watch (SoupServer *soup)
{
  if (soup_check_version (3, 3, 0))
    return;
  g_signal_connect (soup, "request-started", G_CALLBACK (on_request_started), NULL);
  g_signal_connect (soup, "request-finished", G_CALLBACK (on_request_finished), NULL);
}
