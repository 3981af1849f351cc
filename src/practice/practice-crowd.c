/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-crowd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* More clients than anybody has on one computer. */
#define MAX_DESCRIPTORS 16384
/* For files, functions and what goes out. */
#define RESERVE 128

#define REFUSAL "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 37\r\n\r\n" \
                "{\"message\":\"Too many connections.\"}\r\n"

/* At the door before libsoup's own source, which does not see whom this one sends away. */
typedef struct {
  GSource  source;
  GSocket *listener;
  GPollFD  poll;    /* not g_source_add_unix_fd(), with which every arrival would be for this source */
  int      spare;   /* Whoever waits must be let in to be sent away: a descriptor for that where there is no other. */
} Door;

static int
get_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return MAX_DESCRIPTORS;
  return (int) MIN (limit.rlim_cur, MAX_DESCRIPTORS);
}

static void
raise_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= MAX_DESCRIPTORS)
    return;
  limit.rlim_cur = MIN (limit.rlim_max, MAX_DESCRIPTORS);
  setrlimit (RLIMIT_NOFILE, &limit);
}

/* The number that the next descriptor would have says how many there are. */
static gboolean
is_crowded (int fd)
{
  int next = fcntl (fd, F_DUPFD_CLOEXEC, 0);

  if (next >= 0)
    close (next);
  return next < 0 || next >= get_limit () - RESERVE;
}

static gboolean
door_check (GSource *source)
{
  Door *door = (Door *) source;

  return (door->poll.revents & G_IO_IN) != 0 && is_crowded (door->poll.fd);
}

static gboolean
door_dispatch (GSource     *source,
               GSourceFunc  callback,
               gpointer     data)
{
  Door *door = (Door *) source;
  g_autoptr (GSocket) guest = NULL;

  close (door->spare);
  guest = g_socket_accept (door->listener, NULL, NULL);
  if (guest != NULL) {
    g_socket_set_blocking (guest, FALSE);
    g_socket_send (guest, REFUSAL, strlen (REFUSAL), NULL, NULL);
  }
  g_clear_object (&guest);
  door->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  return G_SOURCE_CONTINUE;
}

static void
door_finalize (GSource *source)
{
  Door *door = (Door *) source;

  g_object_unref (door->listener);
  if (door->spare >= 0)
    close (door->spare);
}

static void
door_remove (gpointer data)
{
  g_source_destroy (data);
  g_source_unref (data);
}

void
practice_crowd_watch (SoupServer *soup)
{
  static GSourceFuncs funcs = { .check = door_check, .dispatch = door_dispatch, .finalize = door_finalize };
  g_autoptr (GSList) listeners = soup_server_get_listeners (soup);
  GPtrArray *doors = g_ptr_array_new_with_free_func (door_remove);

  raise_limit ();
  for (GSList *l = listeners; l != NULL; l = l->next) {
    GSource *source = g_source_new (&funcs, sizeof (Door));
    Door *door = (Door *) source;

    door->listener = g_object_ref (l->data);
    /* Only ten may wait where nothing is said, and the eleventh tries again after a second. */
    listen (g_socket_get_fd (door->listener), SOMAXCONN);
    door->poll = (GPollFD) { .fd = g_socket_get_fd (door->listener), .events = G_IO_IN };
    g_source_add_poll (source, &door->poll);
    door->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    g_source_set_priority (source, G_PRIORITY_HIGH);
    g_source_attach (source, NULL);
    g_ptr_array_add (doors, source);
  }
  g_object_set_data_full (G_OBJECT (soup), "practice-crowd", doors, (GDestroyNotify) g_ptr_array_unref);
}
