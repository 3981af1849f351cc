/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traces that are not shown before it is known what came before them, or nobody has told of that for some time. */
#include "mill-tracer-private.h"

typedef struct
{
  MillTrace *trace;
  double     deadline;
} Hidden;

static void
hidden_free (gpointer data)
{
  Hidden *hidden = data;

  g_object_unref (hidden->trace);
  g_free (hidden);
}

/* Takes @trace. */
static void
hide_trace (MillTracer *self,
            MillTrace  *trace)
{
  Hidden *hidden = g_new0 (Hidden, 1);

  hidden->trace = trace;
  hidden->deadline = MAX (self->now, mill_trace_get_started (trace)) + self->patience;
  g_queue_push_tail (&self->hidden, hidden);
}

MillHop *
mill_tracer_hide_hop (MillTracer *self,
                      MillHop    *hop)
{
  MillTrace *trace = mill_trace_new (hop->message_id);

  mill_trace_add_hop (trace, hop, NULL);
  hide_trace (self, trace);
  mill_tracer_remember_hop (self, hop);
  return hop;
}

void
mill_tracer_detach (MillTracer *self,
                    MillHop    *hop)
{
  MillHop *previous = hop->previous;

  if (hop->trace == NULL || previous == NULL)
    return;
  hide_trace (self, mill_trace_split (hop->trace, hop));
  mill_tracer_changed (self, previous);
}

/* Nobody said what came before: they begin where they begin. */
void
mill_tracer_show_hidden (MillTracer *self)
{
  guint n = self->hidden.length;

  for (guint i = 0; i < n; i++)
    {
      Hidden *hidden = g_queue_pop_head (&self->hidden);
      GPtrArray *hops = mill_trace_get_hops (hidden->trace);

      if (hops->len > 0 && !mill_tracer_is_shown (self, hidden->trace) && (hidden->deadline > self->now || ((MillHop *) hops->pdata[0])->awaited))
        g_queue_push_tail (&self->hidden, hidden);
      else
        {
          if (hops->len > 0)
            mill_tracer_show (self, hops->pdata[0]);
          hidden_free (hidden);
        }
    }
}

void
mill_tracer_clear_hidden (MillTracer *self)
{
  g_queue_clear_full (&self->hidden, hidden_free);
}
