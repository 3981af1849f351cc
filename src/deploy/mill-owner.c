/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-owner.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mill-engine.h"

/* "PID:START", or NULL where there is no such process. The 22nd field of stat (proc(5)) is its start, in ticks since boot. */
static char *
describe (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  g_auto(GStrv) fields = NULL;
  const char *rest;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  /* The second field, the name, is in parentheses and may hold anything. */
  rest = strrchr (text, ')');
  if (rest == NULL || rest[1] != ' ')
    return NULL;
  fields = g_strsplit (rest + 2, " ", -1);
  return g_strv_length (fields) > 19 ? g_strdup_printf ("%d:%s", pid, fields[19]) : NULL;
}

static void
on_owner (sqlite3_stmt *row,
          gpointer      data)
{
  char **owner = data;

  *owner = g_strdup ((const char *) sqlite3_column_text (row, 0));
}

static gboolean
read_owner (MillLedger  *ledger,
            const char  *deployment,
            char       **owner,
            GError     **error)
{
  return mill_ledger_read (ledger, on_owner, owner, error, "SELECT owner FROM deployment WHERE id = ?", "s", deployment);
}

gboolean
mill_owner_take (MillLedger  *ledger,
                 const char  *deployment,
                 GError     **error)
{
  g_autofree char *mine = describe (getpid ());
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  int pid = 0;

  /* Without /proc nothing can be said about others. */
  if (mine == NULL)
    return TRUE;
  if (!read_owner (ledger, deployment, &before, error))
    return FALSE;
  if (before != NULL && *before != '\0' && !g_str_equal (before, mine) && sscanf (before, "%d:", &pid) == 1)
    {
      g_autofree char *living = describe (pid);

      if (g_strcmp0 (living, before) == 0)
        {
          g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_BUSY,
                       _("Another Millrace (process %d) is working on %s. Wait for its end, or close it."), pid, deployment);
          return FALSE;
        }
    }

  /* Only where nobody was quicker. */
  mill_ledger_queue (ledger, "UPDATE deployment SET owner = ? WHERE id = ? AND owner = ?", "sss",
                     mine, deployment, before != NULL ? before : "");
  if (!read_owner (ledger, deployment, &after, error))
    return FALSE;
  if (g_strcmp0 (after, mine) != 0)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_BUSY,
                   _("Another Millrace has just begun to work on %s. Wait for its end, or close it."), deployment);
      return FALSE;
    }
  return TRUE;
}

void
mill_owner_release (MillLedger *ledger,
                    const char *deployment)
{
  mill_ledger_queue (ledger, "UPDATE deployment SET owner = '' WHERE id = ?", "s", deployment);
}
