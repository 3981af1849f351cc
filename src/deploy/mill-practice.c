/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-practice.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mill-engine.h"
#include "practice-share-path.h"

#define PROGRAM "millrace-practice"
#define LOCK_NAME "practice.lock"
#define START_TIMEOUT_SECONDS 15
#define POLL_MS 5
#define MAX_LINES 4096

struct _MillPractice
{
  GObject     parent_instance;

  GSocket    *socket;
  GHashTable *values;
};

G_DEFINE_FINAL_TYPE (MillPractice, mill_practice, G_TYPE_OBJECT)

static char *
find_program (void)
{
  static const char *const beside[] = { "", "../practice", "../../src/practice", "../src/practice", "../libexec" };
  const char *forced = g_getenv ("MILLRACE_PRACTICE");
  g_autofree char *self = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *installed = g_build_filename (MILLRACE_BINDIR, PROGRAM, NULL);

  if (forced != NULL && *forced != '\0')
    return g_strdup (forced);
  self = g_file_read_link ("/proc/self/exe", NULL);
  folder = self != NULL ? g_path_get_dirname (self) : g_strdup (".");
  for (guint i = 0; i < G_N_ELEMENTS (beside); i++)
    {
      g_autofree char *path = g_build_filename (folder, beside[i], PROGRAM, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) && !g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&path);
    }
  if (g_file_test (installed, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&installed);
  return g_find_program_in_path (PROGRAM);
}

/* Fills values from lines "NAME=VALUE"; TRUE once the empty line that ends them is there. */
static gboolean
parse_lines (const char *text,
             GHashTable *values)
{
  g_auto(GStrv) lines = NULL;

  if (strstr (text, "\n\n") == NULL)
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      char *equals = strchr (lines[i], '=');

      if (equals != NULL)
        g_hash_table_insert (values, g_strndup (lines[i], equals - lines[i]), g_strdup (equals + 1));
    }
  return g_hash_table_contains (values, "AWS_ENDPOINT_URL") && g_hash_table_contains (values, "AWS_ACCESS_KEY_ID") &&
         g_hash_table_contains (values, "AWS_SECRET_ACCESS_KEY");
}

/* NULL without an error where nobody listens, or whoever did is just ending. */
static MillPractice *
try_join (const char    *path,
          GCancellable  *cancellable,
          GError       **error)
{
  g_autoptr(MillPractice) self = NULL;
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GCredentials) credentials = NULL;
  char text[MAX_LINES] = "";
  gsize length = 0;

  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL)
    return NULL;
  g_socket_set_timeout (socket, START_TIMEOUT_SECONDS);
  if (!g_socket_connect (socket, address, cancellable, NULL))
    return NULL;
  /* Nobody else may stand in for it: the keys of the practice cloud would be theirs. */
  credentials = g_socket_get_credentials (socket, NULL);
  if (credentials == NULL || g_credentials_get_unix_user (credentials, NULL) != getuid ())
    return NULL;

  self = g_object_new (MILL_TYPE_PRACTICE, NULL);
  while (!parse_lines (text, self->values))
    {
      gssize n;

      if (length == sizeof text - 1)
        return NULL;
      n = g_socket_receive (socket, text + length, sizeof text - 1 - length, cancellable, NULL);
      if (n <= 0)
        {
          g_cancellable_set_error_if_cancelled (cancellable, error);
          return NULL;
        }
      length += n;
      text[length] = '\0';
    }
  /* From now on silence is what is expected: a time-out would look like the end. */
  g_socket_set_timeout (socket, 0);
  self->socket = g_steal_pointer (&socket);
  return g_steal_pointer (&self);
}

/* What the process wrote to its standard error: its last line. (transfer full), NULL where nothing. */
static char *
last_line (int fd)
{
  char text[MAX_LINES];
  gssize n = pread (fd, text, sizeof text - 1, 0);
  char *newline;

  if (n <= 0)
    return NULL;
  text[n] = '\0';
  g_strchomp (text);
  newline = strrchr (text, '\n');
  return g_strdup (newline != NULL ? newline + 1 : text);
}

/* Starts the process. @out: its standard output, which ends when it fails. @err: a file in memory, so that it may write there after us. */
static gboolean
start (const char  *state,
       gboolean     like_aws,
       int         *out,
       int         *err,
       GError     **error)
{
  g_autofree char *program = find_program ();
  g_autoptr(GError) local = NULL;
  const char *argv[] = { program, "--state", state, "--port", "0", "--shared", like_aws ? "--latency" : NULL, "aws", NULL };

  if (program == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_PRACTICE,
                   _("The practice cloud’s program, %s, is not there. Install Millrace again, or name the program in MILLRACE_PRACTICE."),
                   PROGRAM);
      return FALSE;
    }
  *err = memfd_create (PROGRAM, MFD_CLOEXEC);
  if (!g_spawn_async_with_pipes_and_fds (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, -1, -1, *err,
                                         NULL, NULL, 0, NULL, NULL, out, NULL, &local))
    {
      if (*err >= 0)
        close (*err);
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_PRACTICE,
                   _("The practice cloud’s program, %s, cannot be started (%s). Install Millrace again."), program, local->message);
      return FALSE;
    }
  return TRUE;
}

/* Whether a process works in @state. */
static gboolean
is_held (const char *state)
{
  g_autofree char *path = g_build_filename (state, LOCK_NAME, NULL);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean held;

  if (fd < 0)
    return FALSE;
  held = flock (fd, LOCK_SH | LOCK_NB) != 0;
  close (fd);
  return held;
}

/* Until the process says its first word, ends, or the time is up. */
static gboolean
wait_for_word (int           out,
               GCancellable *cancellable)
{
  GPollFD fds[2] = { { .fd = out, .events = G_IO_IN | G_IO_HUP } };
  gboolean pollable = g_cancellable_make_pollfd (cancellable, &fds[1]);
  char byte;
  int n;

  do
    n = g_poll (fds, pollable ? 2 : 1, START_TIMEOUT_SECONDS * 1000);
  while (n < 0 && errno == EINTR);
  if (pollable)
    g_cancellable_release_fd (cancellable);
  return n > 0 && fds[0].revents != 0 && read (out, &byte, 1) == 1;
}

static MillPractice *
join (const char    *state,
      gboolean       like_aws,
      GCancellable  *cancellable,
      GError       **error)
{
  gint64 deadline = g_get_monotonic_time () + START_TIMEOUT_SECONDS * G_USEC_PER_SEC;
  g_autofree char *why = NULL;
  guint failures = 0;

  if (g_mkdir_with_parents (state, 0700) != 0)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_PRACTICE,
                   _("The practice cloud’s folder %s cannot be made (%s). Check its permissions, or choose another with MILLRACE_PRACTICE_DIR."),
                   state, g_strerror (errno));
      return NULL;
    }

  while (TRUE)
    {
      g_autofree char *path = practice_share_dup_socket_path (state);
      g_autoptr(GError) local = NULL;
      MillPractice *self = try_join (path, cancellable, &local);
      int out = -1, err = -1;
      gboolean ready;

      if (self != NULL)
        return self;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (local != NULL || g_get_monotonic_time () > deadline)
        break;

      if (!start (state, like_aws, &out, &err, error))
        return NULL;
      ready = wait_for_word (out, cancellable);
      close (out);
      if (!ready)
        {
          g_free (why);
          why = last_line (err);
        }
      if (err >= 0)
        close (err);
      if (ready)
        continue;

      /* It ended at once. Either another program was quicker and holds the folder, and soon answers; or it cannot work there. */
      failures = is_held (state) ? 0 : failures + 1;
      if (failures == 2)
        break;
      for (guint i = 0; i < 20; i++)
        {
          self = try_join (path, cancellable, NULL);
          if (self != NULL)
            return self;
          if (g_cancellable_set_error_if_cancelled (cancellable, error))
            return NULL;
          g_usleep (POLL_MS * 1000);
        }
    }

  g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_PRACTICE, _("The practice cloud does not start: %s"),
               why != NULL ? why : _("it gives no answer. Try again, or choose another folder with MILLRACE_PRACTICE_DIR."));
  return NULL;
}

static void
mill_practice_finalize (GObject *object)
{
  MillPractice *self = MILL_PRACTICE (object);

  if (self->socket != NULL)
    g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
  g_hash_table_unref (self->values);
  G_OBJECT_CLASS (mill_practice_parent_class)->finalize (object);
}

static void
mill_practice_class_init (MillPracticeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_practice_finalize;
}

static void
mill_practice_init (MillPractice *self)
{
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

char *
mill_practice_dup_default_state (void)
{
  const char *forced = g_getenv ("MILLRACE_PRACTICE_DIR");

  if (forced != NULL && *forced != '\0')
    return g_strdup (forced);
  return g_build_filename (g_get_user_data_dir (), "millrace", "practice", NULL);
}

MillPractice *
mill_practice_join (const char    *state,
                    GCancellable  *cancellable,
                    GError       **error)
{
  return join (state, FALSE, cancellable, error);
}

MillPractice *
mill_practice_join_like_aws (const char    *state,
                             GCancellable  *cancellable,
                             GError       **error)
{
  return join (state, TRUE, cancellable, error);
}

const char *
mill_practice_get (MillPractice *self,
                   const char   *name)
{
  return g_hash_table_lookup (self->values, name);
}

gboolean
mill_practice_is_alive (MillPractice *self)
{
  return (g_socket_condition_check (self->socket, G_IO_IN | G_IO_HUP | G_IO_ERR) & (G_IO_IN | G_IO_HUP | G_IO_ERR)) == 0;
}

GSocket *
mill_practice_get_socket (MillPractice *self)
{
  return self->socket;
}
