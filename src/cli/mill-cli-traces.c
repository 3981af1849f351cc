/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-cli.h"

#include "aws-json.h"
#include "mill-hop-private.h"

/* Sending messages and following each to its end. */

#define IN_FLIGHT 8
#define READY_SECONDS 5
#define FOLLOW_SECONDS 120
#define COUNT_MS 500

/*
 * Hops are printed in their order, each once it is over, and again where its payload is known only later; one that comes back is printed at once, with its
 * error.
 */
static void
print_hops (MillCli   *self,
            MillTrace *trace)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (trace));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), i);
      guint payload;

      if (!mill_hop_is_over (hop))
        break;
      payload = *mill_hop_get_payload (hop) != '\0' ? 2 : 1;
      /* One that was seen late may stand before others. */
      if (g_object_get_data (G_OBJECT (hop), "printed-trace") == trace && GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (hop), "printed")) >= payload)
        continue;
      g_object_set_data (G_OBJECT (hop), "printed", GUINT_TO_POINTER (payload));
      g_object_set_data (G_OBJECT (hop), "printed-trace", trace);
      mill_cli_print_hop (self, trace, hop);
    }
}

static void
on_hop (MillCli   *self,
        MillTrace *trace,
        MillHop   *hop)
{
  guint attempts = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (hop), "printed-attempt"));

  if (!mill_hop_is_over (hop) && *mill_hop_get_error (hop) != '\0' && attempts != mill_hop_get_attempts (hop))
    {
      g_object_set_data (G_OBJECT (hop), "printed-attempt", GUINT_TO_POINTER (mill_hop_get_attempts (hop)));
      mill_cli_print_hop (self, trace, hop);
    }
  print_hops (self, trace);
}

static void
on_trace (MillCli   *self,
          MillTrace *trace)
{
  print_hops (self, trace);
  if (mill_trace_get_state (trace) != MILL_TRACE_UNDER_WAY)
    mill_cli_print_trace (self, trace);
}

static void
on_mail (MillCli    *self,
         const char *to,
         const char *subject,
         const char *body,
         const char *confirmation)
{
  mill_cli_print_mail (self, to, subject, body);
}

static void
on_failed (MillCli    *self,
           const char *sentence)
{
  g_printerr ("millrace-cli: %s\n", sentence);
}

void
mill_cli_follow (MillCli   *self,
                 MillWatch *watch)
{
  g_signal_connect_swapped (watch, "hop", G_CALLBACK (on_hop), self);
  g_signal_connect_swapped (watch, "trace", G_CALLBACK (on_trace), self);
  g_signal_connect_swapped (watch, "mail", G_CALLBACK (on_mail), self);
  g_signal_connect_swapped (watch, "failed", G_CALLBACK (on_failed), self);
}

typedef struct
{
  MillCli    *cli;
  MillWatch  *watch;      /* owns this */
  GHashTable *changed;    /* components, interned */
  guint       timer_id;
} Counts;

static gboolean
print_counts (gpointer data)
{
  Counts *counts = data;
  GHashTableIter iter;
  gpointer component;

  counts->timer_id = 0;
  g_hash_table_iter_init (&iter, counts->changed);
  while (g_hash_table_iter_next (&iter, &component, NULL))
    mill_cli_print_count (counts->cli, component, mill_watch_get_count (counts->watch, component), mill_watch_get_errors (counts->watch, component));
  g_hash_table_remove_all (counts->changed);
  return G_SOURCE_REMOVE;
}

static void
on_counts_changed (Counts     *counts,
                   const char *component)
{
  g_hash_table_add (counts->changed, (char *) g_intern_string (component));
  if (counts->timer_id == 0)
    counts->timer_id = g_timeout_add (COUNT_MS, print_counts, counts);
}

static void
counts_free (gpointer  data,
             GClosure *closure)
{
  Counts *counts = data;

  g_clear_handle_id (&counts->timer_id, g_source_remove);
  g_hash_table_unref (counts->changed);
  g_free (counts);
}

void
mill_cli_follow_counts (MillCli   *self,
                        MillWatch *watch)
{
  Counts *counts = g_new0 (Counts, 1);

  counts->cli = self;
  counts->watch = watch;
  counts->changed = g_hash_table_new (NULL, NULL);
  g_signal_connect_swapped (watch, "ready", G_CALLBACK (mill_cli_print_ready), self);
  g_signal_connect_data (watch, "counts-changed", G_CALLBACK (on_counts_changed), counts, counts_free, G_CONNECT_SWAPPED);
}

typedef struct
{
  MillCli        *cli;
  MillDeployment *deployment;
  MillWatch      *watch;
  GPtrArray      *samples;
  GPtrArray      *bodies;
  guint           next;
  guint           in_flight;
  GPtrArray      *sent;      /* trace ids */
  gboolean        ready;
  gboolean        all_ok;
  GError         *error;
} Sending;

static void send_next (Sending *sending);

static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Sending *sending = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = mill_engine_send_finish (MILL_ENGINE (source), result, &error);

  sending->in_flight--;
  if (answer == NULL)
    {
      if (sending->error == NULL)
        sending->error = g_steal_pointer (&error);
    }
  else
    {
      gint64 status = aws_json_get_int (answer, "status", 0);
      const char *id = aws_json_get_string (answer, "requestId");

      if (id != NULL)
        g_ptr_array_add (sending->sent, g_strdup (id));
      if (status >= 400)
        {
          const char *body = aws_json_get_string (answer, "body");

          g_printerr ("millrace-cli: The gateway answered %d: %s\n", (int) status, body != NULL ? body : "");
          sending->all_ok = FALSE;
        }
    }
  send_next (sending);
}

static void
send_next (Sending *sending)
{
  while (sending->error == NULL && sending->in_flight < IN_FLIGHT && sending->next < sending->bodies->len
         && !g_cancellable_is_cancelled (sending->cli->cancellable))
    {
      guint i = sending->next++;

      sending->in_flight++;
      mill_engine_send_async (sending->cli->engine, sending->deployment, sending->samples->pdata[i], sending->bodies->pdata[i],
                              sending->cli->cancellable, on_sent, sending);
    }
}

static void
on_ready (Sending *sending)
{
  sending->ready = TRUE;
}

/* Whether every message has come to its end. */
static gboolean
all_over (Sending *sending)
{
  if (sending->in_flight > 0 || (sending->next < sending->bodies->len && sending->error == NULL))
    return FALSE;
  for (guint i = 0; i < sending->sent->len; i++)
    {
      MillTrace *trace = mill_watch_find (sending->watch, sending->sent->pdata[i]);

      if (trace == NULL || mill_trace_get_state (trace) == MILL_TRACE_UNDER_WAY)
        return FALSE;
    }
  return TRUE;
}

static gboolean
on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
is_held (MillTrace *trace)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (trace));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), i);

      if (mill_hop_get_held (hop))
        return TRUE;
    }
  return FALSE;
}

static void
judge (Sending *sending)
{
  for (guint i = 0; i < sending->sent->len; i++)
    {
      MillTrace *trace = mill_watch_find (sending->watch, sending->sent->pdata[i]);

      if (trace != NULL && (mill_trace_get_state (trace) == MILL_TRACE_DELIVERED || mill_trace_get_state (trace) == MILL_TRACE_FILTERED))
        continue;
      sending->all_ok = FALSE;
      if (trace == NULL)
        g_printerr ("millrace-cli: Message %s was not seen after the gateway.\n", (char *) sending->sent->pdata[i]);
      else if (mill_trace_get_state (trace) == MILL_TRACE_UNDER_WAY && is_held (trace))
        g_printerr ("millrace-cli: Step mode holds message %s. Let it go in the window, or with: millrace-cli watch ID --step\n", mill_trace_get_id (trace));
      else if (mill_trace_get_state (trace) == MILL_TRACE_UNDER_WAY)
        g_printerr ("millrace-cli: Message %s is still under way after %d seconds.\n", mill_trace_get_id (trace), FOLLOW_SECONDS);
      else
        {
          MillHop *hop = mill_trace_get_key_hop (trace);

          g_printerr ("millrace-cli: Message %s did not arrive: %s: %s\n", mill_trace_get_id (trace),
                      mill_hop_get_component (hop), mill_hop_get_error (hop));
          if (*mill_hop_get_advice (hop) != '\0')
            g_printerr ("%s\n", mill_hop_get_advice (hop));
        }
    }
}

gboolean
mill_cli_send_all (MillCli         *self,
                   MillDeployment  *deployment,
                   GPtrArray       *samples,
                   GPtrArray       *bodies,
                   MillWatchSource  source,
                   GError         **error)
{
  Sending sending = { .cli = self, .deployment = deployment, .samples = samples, .bodies = bodies, .all_ok = TRUE };
  g_autoptr (MillWatch) watch = mill_watch_new (deployment);
  g_autoptr (GPtrArray) sent = g_ptr_array_new_with_free_func (g_free);
  guint tick = g_timeout_add (200, on_tick, NULL);
  gint64 end = g_get_monotonic_time () + READY_SECONDS * G_USEC_PER_SEC;

  sending.watch = watch;
  sending.sent = sent;
  g_signal_connect_swapped (watch, "ready", G_CALLBACK (on_ready), &sending);
  mill_cli_follow (self, watch);
  mill_watch_set_source (watch, source);
  mill_watch_start (watch, FALSE);
  while (!sending.ready && g_get_monotonic_time () < end && !g_cancellable_is_cancelled (self->cancellable))
    g_main_context_iteration (NULL, TRUE);
  send_next (&sending);
  end = g_get_monotonic_time () + FOLLOW_SECONDS * G_USEC_PER_SEC;
  while (sending.in_flight > 0
         || (!all_over (&sending) && g_get_monotonic_time () < end && !g_cancellable_is_cancelled (self->cancellable)))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (tick);
  judge (&sending);
  mill_watch_stop (watch);
  g_signal_handlers_disconnect_by_data (watch, self);
  g_signal_handlers_disconnect_by_data (watch, &sending);
  if (sending.error != NULL)
    {
      g_propagate_error (error, sending.error);
      return FALSE;
    }
  return sending.all_ok && !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}
