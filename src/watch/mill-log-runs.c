/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-log-runs.h"

typedef struct
{
  char   *id;
  gint64  began;
  gint64  ended;         /* G_MAXINT64 while it runs, as far as is known */
} Run;

struct _MillLogRuns
{
  GHashTable *streams;   /* name → GPtrArray of Run, in the order in which they began */
};

static void
run_free (gpointer data)
{
  Run *run = data;

  g_free (run->id);
  g_free (run);
}

MillLogRuns *
mill_log_runs_new (void)
{
  MillLogRuns *self = g_new0 (MillLogRuns, 1);

  self->streams = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  return self;
}

void
mill_log_runs_free (MillLogRuns *self)
{
  g_hash_table_unref (self->streams);
  g_free (self);
}

void
mill_log_runs_begin (MillLogRuns *self,
                     const char  *stream,
                     const char  *id,
                     gint64       time)
{
  GPtrArray *runs = g_hash_table_lookup (self->streams, stream);
  Run *run = g_new0 (Run, 1);
  guint place;

  if (runs == NULL)
    {
      runs = g_ptr_array_new_with_free_func (run_free);
      g_hash_table_insert (self->streams, g_strdup (stream), runs);
    }
  run->id = g_strdup (id);
  run->began = time;
  run->ended = G_MAXINT64;
  for (place = runs->len; place > 0 && ((Run *) runs->pdata[place - 1])->began > time;)
    place--;
  g_ptr_array_insert (runs, place, run);
}

void
mill_log_runs_end (MillLogRuns *self,
                   const char  *stream,
                   const char  *id,
                   gint64       time)
{
  GPtrArray *runs = g_hash_table_lookup (self->streams, stream);

  for (guint i = runs != NULL ? runs->len : 0; i > 0; i--)
    {
      Run *run = runs->pdata[i - 1];

      if (g_str_equal (run->id, id))
        {
          run->ended = time;
          return;
        }
    }
}

const char *
mill_log_runs_find (MillLogRuns *self,
                    const char  *stream,
                    gint64       time)
{
  GPtrArray *runs = g_hash_table_lookup (self->streams, stream);

  for (guint i = runs != NULL ? runs->len : 0; i > 0; i--)
    {
      Run *run = runs->pdata[i - 1];

      if (run->began <= time)
        return time <= run->ended ? run->id : NULL;
    }
  return NULL;
}

void
mill_log_runs_forget (MillLogRuns *self,
                      gint64       time)
{
  GHashTableIter iter;
  gpointer runs;

  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, NULL, &runs))
    {
      GPtrArray *list = runs;

      /* The last one of a stream goes as well, once it has ended. */
      while (list->len > 0 && (((Run *) list->pdata[0])->ended < time || (list->len > 1 && ((Run *) list->pdata[1])->began < time)))
        g_ptr_array_remove_index (list, 0);
      if (list->len == 0)
        g_hash_table_iter_remove (&iter);
    }
}
