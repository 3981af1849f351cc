/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-share-path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define HASH_LENGTH 16

char *
practice_share_dup_socket_path (const char *state)
{
  g_autofree char *real = realpath (state, NULL);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, real != NULL ? real : state, -1);
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *path = NULL;

  hash[HASH_LENGTH] = '\0';
  if (runtime != NULL && g_path_is_absolute (runtime))
    path = g_strdup_printf ("%s/millrace/practice-%s.sock", runtime, hash);
  else
    path = g_strdup_printf ("%s/practice.sock", real != NULL ? real : state);

  /* A socket's path has little room (unix(7)). */
  if (strlen (path) < sizeof ((struct sockaddr_un *) NULL)->sun_path)
    return g_steal_pointer (&path);
  return g_strdup_printf ("/tmp/millrace-%u-%s.sock", (guint) getuid (), hash);
}
