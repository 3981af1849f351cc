/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which run of a function wrote what a table's stream tells of, where the function says nothing about it: it follows from the time alone, and is marked.
 * Nothing is joined where it could have been another run as well.
 */
#include "mill-tracer-private.h"

/* A stream tells the time of a write in whole seconds, rounded down. */
#define WRITE_SPAN 1
/* Of more at once it is not asked which of them was whose. */
#define MOST_UNWRITTEN 2000
/* A write that nobody was found for in this time stays alone. */
#define LONGEST_UNWRITTEN 60

/* A run, or a write, in the time that it took. */
typedef struct
{
  double          begin, end;
  MillInvocation *invocation;   /* NULL for a write */
  MillHop        *write;
} Span;

static int
compare_spans (gconstpointer a,
               gconstpointer b)
{
  const Span *first = a, *second = b;

  return first->begin < second->begin ? -1 : first->begin > second->begin;
}

static gboolean
may_write (MillTracer     *self,
           MillInvocation *invocation,
           const char     *table)
{
  return invocation->outs == NULL && invocation->started > 0 && self->resolve ("writer", invocation->component, table, self->resolve_data) != NULL;
}

static gboolean
is_settled (MillTracer     *self,
            MillInvocation *invocation)
{
  return invocation->ended > 0 && invocation->ended + self->patience <= self->now;
}

static gboolean
overlap (MillInvocation *invocation,
         MillHop        *write)
{
  return invocation->started < write->arrived + WRITE_SPAN && (invocation->ended == 0 || invocation->ended >= write->arrived);
}

/* Whether the runs came one after the other; and how many messages those had that went well. */
static gboolean
look_at_runs (GArray *spans,
              guint   first,
              guint   last,
              guint  *n_runs,
              guint  *n_messages)
{
  double end = 0;

  *n_runs = *n_messages = 0;
  for (guint i = first; i < last; i++)
    {
      const Span *span = &g_array_index (spans, Span, i);

      if (span->invocation == NULL)
        continue;
      if (span->begin < end)
        return FALSE;
      end = span->end;
      (*n_runs)++;
      if (span->invocation->ok)
        *n_messages += span->invocation->hops->len;
    }
  return TRUE;
}

static void
join (MillTracer *self,
      MillHop    *write,
      MillHop    *function)
{
  write->awaited = FALSE;
  write->inferred = TRUE;
  mill_tracer_attach (self, write, function);
}

/* What touches in time, and nothing else does: as many writes as messages, in order; or a single message, whose writes they all are. */
static void
join_cluster (MillTracer *self,
              GArray     *spans,
              guint       first,
              guint       last)
{
  g_autoptr (GPtrArray) writes = g_ptr_array_new ();
  guint n_runs, n_messages, n = 0;

  if (!look_at_runs (spans, first, last, &n_runs, &n_messages))
    return;
  for (guint i = first; i < last; i++)
    if (g_array_index (spans, Span, i).write != NULL)
      g_ptr_array_add (writes, g_array_index (spans, Span, i).write);
  if (writes->len == 0 || n_messages == 0 || (writes->len != n_messages && (n_runs > 1 || n_messages > 1)))
    return;
  for (guint i = first; i < last; i++)
    {
      MillInvocation *invocation = g_array_index (spans, Span, i).invocation;

      for (guint h = 0; invocation != NULL && invocation->ok && h < invocation->hops->len; h++)
        do
          {
            if (!overlap (invocation, writes->pdata[n]))
              return;
            join (self, writes->pdata[n++], invocation->hops->pdata[h]);
          }
        while (n_messages == 1 && n < writes->len);
    }
}

/* A write waits as long as a run goes on that may have made it, and goes alone when it has waited too long. */
static void
look_at_writes (MillTracer *self)
{
  for (guint i = self->unwritten->len; i-- > 0;)
    {
      MillHop *write = self->unwritten->pdata[i];

      if (write->trace == NULL || write->previous != NULL || self->now > write->arrived + LONGEST_UNWRITTEN + 5 * self->patience)
        {
          write->awaited = FALSE;
          g_ptr_array_remove_index (self->unwritten, i);
        }
      else
        write->awaited = self->now < write->arrived + WRITE_SPAN + self->patience;
    }
}

/* The runs that may have written to @table, and its writes, by time. */
static void
add_spans (MillTracer *self,
           const char *table,
           GArray     *spans)
{
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; i < self->unwritten->len; i++)
    {
      MillHop *write = self->unwritten->pdata[i];

      if (write->component == table && write->arrived + WRITE_SPAN + self->patience <= self->now)
        g_array_append_val (spans, ((Span) { .begin = write->arrived, .end = write->arrived + WRITE_SPAN, .write = write }));
    }
  g_hash_table_iter_init (&iter, self->invocations);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      MillInvocation *invocation = value;
      gboolean near = FALSE;

      if (!may_write (self, invocation, table))
        continue;
      for (guint i = 0; !near && i < self->unwritten->len; i++)
        near = ((MillHop *) self->unwritten->pdata[i])->component == table && overlap (invocation, self->unwritten->pdata[i]);
      if (near)
        g_array_append_val (spans, ((Span) { .begin = invocation->started, .end = is_settled (self, invocation) ? invocation->ended : G_MAXDOUBLE,
                                             .invocation = invocation }));
    }
  g_array_sort (spans, compare_spans);
}

static void
infer_table (MillTracer *self,
             const char *table)
{
  g_autoptr (GArray) spans = g_array_new (FALSE, FALSE, sizeof (Span));

  add_spans (self, table, spans);
  for (guint first = 0, last; first < spans->len; first = last)
    {
      double end = g_array_index (spans, Span, first).end;

      for (last = first + 1; last < spans->len && g_array_index (spans, Span, last).begin < end; last++)
        end = MAX (end, g_array_index (spans, Span, last).end);
      /* Somebody still runs, or may still say something. */
      if (end < G_MAXDOUBLE)
        join_cluster (self, spans, first, last);
      else
        for (guint i = first; i < last; i++)
          if (g_array_index (spans, Span, i).write != NULL)
            g_array_index (spans, Span, i).write->awaited = TRUE;
    }
}

void
mill_tracer_await_writer (MillTracer *self,
                          MillHop    *write)
{
  if (self->unwritten->len >= MOST_UNWRITTEN)
    return;
  write->awaited = TRUE;
  g_ptr_array_add (self->unwritten, g_object_ref (write));
}

void
mill_tracer_infer_writes (MillTracer *self)
{
  g_autoptr (GHashTable) tables = NULL;
  GHashTableIter iter;
  gpointer table;

  if (self->unwritten->len == 0)
    return;
  look_at_writes (self);
  tables = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < self->unwritten->len; i++)
    g_hash_table_add (tables, (char *) ((MillHop *) self->unwritten->pdata[i])->component);
  g_hash_table_iter_init (&iter, tables);
  while (g_hash_table_iter_next (&iter, &table, NULL))
    infer_table (self, table);
}
