/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-share.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "practice-share-path.h"

#define PORT_FILE "port"
#define FIRST_WAIT_SECONDS 10
#define MAX_PORT 65535

struct _PracticeShare
{
  GObject     parent_instance;

  char       *path;
  char       *lines;
  GSocket    *listener;
  GSource    *source;
  GHashTable *guests;     /* GSocket → its GSource */
  guint       first_wait;
};

G_DEFINE_FINAL_TYPE (PracticeShare, practice_share, G_TYPE_OBJECT)

enum {
  IDLE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
source_free (gpointer data)
{
  g_source_destroy (data);
  g_source_unref (data);
}

static void
close_listener (PracticeShare *self)
{
  if (self->listener == NULL)
    return;
  /* First the name, then the socket: who comes later finds nothing, not a door that opens on nobody. */
  g_unlink (self->path);
  g_clear_pointer (&self->source, source_free);
  g_socket_close (self->listener, NULL);
  g_clear_object (&self->listener);
}

static gboolean
on_first_wait (gpointer data)
{
  PracticeShare *self = data;

  self->first_wait = 0;
  if (g_hash_table_size (self->guests) == 0)
    {
      close_listener (self);
      g_signal_emit (self, signals[IDLE], 0);
    }
  return G_SOURCE_REMOVE;
}

static gboolean
on_guest (GSocket      *socket,
          GIOCondition  condition,
          gpointer      data)
{
  PracticeShare *self = data;
  g_autoptr(GError) error = NULL;
  char buffer[64];

  /* Guests have nothing to say; only their end matters. */
  if (g_socket_receive (socket, buffer, sizeof buffer, NULL, &error) > 0 ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;

  g_hash_table_remove (self->guests, socket);
  if (g_hash_table_size (self->guests) == 0)
    {
      close_listener (self);
      g_signal_emit (self, signals[IDLE], 0);
    }
  return G_SOURCE_REMOVE;
}

static gboolean
on_arrival (GSocket      *socket,
            GIOCondition  condition,
            gpointer      data)
{
  PracticeShare *self = data;
  g_autoptr(GSocket) guest = g_socket_accept (socket, NULL, NULL);
  g_autoptr(GCredentials) credentials = NULL;
  GSource *source;

  if (guest == NULL)
    return G_SOURCE_CONTINUE;
  credentials = g_socket_get_credentials (guest, NULL);
  if (credentials == NULL || g_credentials_get_unix_user (credentials, NULL) != getuid ())
    return G_SOURCE_CONTINUE;

  g_socket_set_blocking (guest, FALSE);
  /* A few hundred bytes into an empty buffer: all or, where the guest has gone already, nothing. */
  if (g_socket_send (guest, self->lines, strlen (self->lines), NULL, NULL) != (gssize) strlen (self->lines))
    return G_SOURCE_CONTINUE;

  source = g_socket_create_source (guest, G_IO_IN | G_IO_HUP | G_IO_ERR, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_guest), self, NULL);
  g_source_attach (source, NULL);
  g_hash_table_insert (self->guests, g_steal_pointer (&guest), source);
  return G_SOURCE_CONTINUE;
}

static void
practice_share_finalize (GObject *object)
{
  PracticeShare *self = PRACTICE_SHARE (object);

  close_listener (self);
  g_hash_table_unref (self->guests);
  g_clear_handle_id (&self->first_wait, g_source_remove);
  g_free (self->path);
  g_free (self->lines);
  G_OBJECT_CLASS (practice_share_parent_class)->finalize (object);
}

static void
practice_share_class_init (PracticeShareClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = practice_share_finalize;
  signals[IDLE] = g_signal_new ("idle", PRACTICE_TYPE_SHARE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
practice_share_init (PracticeShare *self)
{
  self->guests = g_hash_table_new_full (NULL, NULL, g_object_unref, source_free);
}

PracticeShare *
practice_share_new (const char  *state,
                    const char  *lines,
                    GError     **error)
{
  g_autoptr(PracticeShare) self = g_object_new (PRACTICE_TYPE_SHARE, NULL);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) socket = NULL;
  g_autofree char *folder = NULL;
  mode_t mask;
  gboolean ok;

  /* Started by another program: its terminal's Ctrl+C is not ours. Fails, rightly, where a shell made us a group of our own. */
  (void) setsid ();

  self->path = practice_share_dup_socket_path (state);
  self->lines = g_strconcat (lines, "\n", NULL);
  folder = g_path_get_dirname (self->path);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   "The folder “%s” for the socket cannot be made (%s). Check XDG_RUNTIME_DIR.", folder, g_strerror (errno));
      return NULL;
    }

  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  address = g_unix_socket_address_new (self->path);
  g_unlink (self->path);
  mask = umask (0177);
  ok = g_socket_bind (socket, address, FALSE, error);
  umask (mask);
  if (!ok || !g_socket_listen (socket, error))
    {
      g_prefix_error (error, "The socket “%s” cannot be made: ", self->path);
      return NULL;
    }

  self->listener = g_steal_pointer (&socket);
  self->source = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_arrival), self, NULL);
  g_source_attach (self->source, NULL);
  self->first_wait = g_timeout_add_seconds (FIRST_WAIT_SECONDS, on_first_wait, self);
  return g_steal_pointer (&self);
}

guint
practice_share_recall_port (const char *state)
{
  g_autofree char *path = g_build_filename (state, PORT_FILE, NULL);
  g_autofree char *text = NULL;
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) socket = NULL;
  guint64 port;

  if (!g_file_get_contents (path, &text, NULL, NULL) ||
      !g_ascii_string_to_unsigned (g_strstrip (text), 10, 1, MAX_PORT, &port, NULL))
    return 0;
  socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  address = g_inet_socket_address_new (loopback, port);
  return socket != NULL && g_socket_bind (socket, address, TRUE, NULL) ? port : 0;
}

void
practice_share_remember_port (const char *state,
                              guint       port)
{
  g_autofree char *path = g_build_filename (state, PORT_FILE, NULL);
  g_autofree char *text = g_strdup_printf ("%u\n", port);

  (void) g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}
