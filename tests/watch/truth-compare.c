/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Message by message and hop by hop: whatever differs is named. */
#include "truth-bench.h"

#include "aws-json.h"

/* For a unit, and after the last message that came to its end. */
#define SECONDS 40

/* Comparing */

static char *
name_hop (MillHop *hop)
{
  return hop != NULL ? g_strdup_printf ("%s %s %s", mill_hop_get_kind (hop), mill_hop_get_component (hop), mill_hop_get_message_id (hop)) : g_strdup ("nothing");
}

/* An inferred delivery has no id that anybody gave it. */
static gboolean
is_same (MillHop *a,
         MillHop *b)
{
  return g_str_equal (mill_hop_get_kind (a), mill_hop_get_kind (b)) && g_str_equal (mill_hop_get_component (a), mill_hop_get_component (b))
         && g_str_equal (mill_hop_get_message_id (a), mill_hop_get_message_id (b));
}

static void
differ (GString    *differences,
        const char *trace,
        const char *hop,
        const char *what,
        const char *truth,
        const char *probes)
{
  g_string_append_printf (differences, "  trace %s, %s: %s is “%s” and was seen as “%s”\n", trace, hop, what, truth, probes);
}

/* Whether all that @part says, @whole says too. */
static gboolean
is_part (JsonNode *part,
         JsonNode *whole)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (!JSON_NODE_HOLDS_OBJECT (part) || !JSON_NODE_HOLDS_OBJECT (whole))
    return json_node_equal (part, whole);
  json_object_iter_init (&iter, json_node_get_object (part));
  while (json_object_iter_next (&iter, &name, &value))
    if (!json_object_has_member (json_node_get_object (whole), name) || !is_part (value, json_object_get_member (json_node_get_object (whole), name)))
      return FALSE;
  return TRUE;
}

static gboolean
is_unknown (MillHop *hop)
{
  return hop != NULL && *mill_hop_get_payload (hop) == '\0';
}

/* What a function was given follows from what came before; it may have had more to it. */
static gboolean
is_same_payload (MillHop *truth,
                 MillHop *probes)
{
  g_autoptr (JsonNode) all = NULL;
  g_autoptr (JsonNode) some = NULL;

  if (!mill_hop_get_handed (probes))
    return g_str_equal (mill_hop_get_payload (truth), mill_hop_get_payload (probes));
  all = aws_json_parse (mill_hop_get_payload (truth), -1, NULL);
  some = aws_json_parse (mill_hop_get_payload (probes), -1, NULL);
  return all != NULL && some != NULL && is_part (some, all);
}

static void
compare_hop (TruthBench *bench,
             GString    *differences,
             const char *trace,
             MillHop    *truth,
             MillHop    *probes)
{
  g_autofree char *name = name_hop (truth);
  g_autofree char *before = name_hop (mill_hop_get_previous (truth));
  g_autofree char *seen_before = name_hop (mill_hop_get_previous (probes));
  const char *kind = mill_hop_get_kind (truth);

  if (mill_hop_get_status (truth) != mill_hop_get_status (probes))
    differ (differences, trace, name, "the status", mill_hop_get_status_name (truth), mill_hop_get_status_name (probes));
  if (mill_hop_get_attempts (truth) != mill_hop_get_attempts (probes))
    {
      g_autofree char *a = g_strdup_printf ("%u", mill_hop_get_attempts (truth));
      g_autofree char *b = g_strdup_printf ("%u", mill_hop_get_attempts (probes));

      differ (differences, trace, name, "the number of attempts", a, b);
    }
  if (!g_str_equal (before, seen_before))
    differ (differences, trace, name, "what came before", before, seen_before);
  /* What no API tells is not there rather than wrong: what a queue's reader alone has seen, and without a tap, the text of a message to a topic. */
  if (!is_same_payload (truth, probes)
      && !(*mill_hop_get_payload (probes) == '\0'
           && (bench->unread || (g_str_equal (kind, "function") && is_unknown (mill_hop_get_previous (probes))) || (g_str_equal (kind, "topic") && !bench->tapped) || mill_hop_get_inferred (probes)))
      && !(g_str_equal (kind, "mail") && mill_hop_get_inferred (probes)))
    differ (differences, trace, name, "the payload", mill_hop_get_payload (truth), mill_hop_get_payload (probes));
  /* Lambda says nothing of a queue that it may not read: IAM is asked, and says the same in other words. */
  if (!g_str_equal (mill_hop_get_error (truth), mill_hop_get_error (probes))
      && !(g_str_equal (kind, "queue") && *mill_hop_get_error (probes) != '\0' && *mill_hop_get_advice (truth) != '\0'))
    differ (differences, trace, name, "the error", mill_hop_get_error (truth), mill_hop_get_error (probes));
  if (!g_str_equal (mill_hop_get_advice (truth), mill_hop_get_advice (probes)))
    differ (differences, trace, name, "the advice", mill_hop_get_advice (truth), mill_hop_get_advice (probes));
  if (!g_str_equal (mill_hop_get_log (truth), mill_hop_get_log (probes)))
    differ (differences, trace, name, "the log", mill_hop_get_log (truth), mill_hop_get_log (probes));
  if ((mill_hop_get_left (truth) > 0) != (mill_hop_get_left (probes) > 0))
    differ (differences, trace, name, "whether it left", mill_hop_get_left (truth) > 0 ? "yes" : "no", mill_hop_get_left (probes) > 0 ? "yes" : "no");
  if (mill_hop_get_left (probes) > 0 && mill_hop_get_left (probes) < mill_hop_get_arrived (probes))
    g_string_append_printf (differences, "  trace %s, %s: it was seen to leave before it arrived\n", trace, name);
}

static MillHop *
find_hop (GListModel *trace,
          MillHop    *hop)
{
  for (guint i = 0; i < g_list_model_get_n_items (trace); i++)
    {
      g_autoptr (MillHop) each = g_list_model_get_item (trace, i);

      if (is_same (each, hop))
        return each;
    }
  return NULL;
}

static void
compare_trace (TruthBench *bench,
               GString    *differences,
               MillTrace  *truth,
               MillTrace  *probes)
{
  const char *id = mill_trace_get_id (truth);

  if (mill_trace_get_state (truth) != mill_trace_get_state (probes))
    differ (differences, id, "the whole", "the state", mill_trace_get_state_name (truth), mill_trace_get_state_name (probes));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (truth)); i++)
    {
      g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (truth), i);
      g_autofree char *name = name_hop (hop);
      MillHop *seen = find_hop (G_LIST_MODEL (probes), hop);

      if (seen != NULL)
        compare_hop (bench, differences, id, hop, seen);
      else
        g_string_append_printf (differences, "  trace %s, %s: it was not seen\n", id, name);
    }
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (probes)); i++)
    {
      g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (probes), i);
      g_autofree char *name = name_hop (hop);

      if (find_hop (G_LIST_MODEL (truth), hop) == NULL)
        g_string_append_printf (differences, "  trace %s, %s: it was seen and never was\n", id, name);
    }
}

/* Returns: what differs; "" where nothing does */
static GString *
compare (TruthBench *bench)
{
  GString *differences = g_string_new (NULL);

  for (guint i = bench->seen; i < g_list_model_get_n_items (G_LIST_MODEL (bench->truth)); i++)
    {
      g_autoptr (MillTrace) truth = g_list_model_get_item (G_LIST_MODEL (bench->truth), i);
      MillTrace *probes = mill_watch_find (bench->probes, mill_trace_get_id (truth));

      if (probes != NULL)
        compare_trace (bench, differences, truth, probes);
      else
        g_string_append_printf (differences, "  trace %s: it was not seen\n", mill_trace_get_id (truth));
    }
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (bench->probes)); i++)
    {
      g_autoptr (MillTrace) probes = g_list_model_get_item (G_LIST_MODEL (bench->probes), i);

      if (mill_watch_find (bench->truth, mill_trace_get_id (probes)) == NULL && !g_hash_table_contains (bench->reported, mill_trace_get_id (probes)))
        g_string_append_printf (differences, "  trace %s: it was seen and never was (%s)\n", mill_trace_get_id (probes), mill_trace_get_summary (probes));
    }
  return differences;
}

/* *n_over: how many messages have come to their end; one that is stuck is on its way, but where that is what is awaited */
static gboolean
is_settled (TruthBench     *bench,
            guint           n,
            MillTraceState  state,
            guint          *n_over)
{
  guint length = g_list_model_get_n_items (G_LIST_MODEL (bench->truth)), there = 0;

  *n_over = 0;
  for (guint i = 0; i < length; i++)
    {
      g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (bench->truth), i);
      MillTraceState is = mill_trace_get_state (trace);

      *n_over += is != MILL_TRACE_UNDER_WAY && (is != MILL_TRACE_STUCK || is == state);
      there += i >= bench->seen && is == state;
    }
  return length >= bench->seen + n && *n_over == length && there > 0;
}

static void
count (TruthBench *bench)
{
  guint length = g_list_model_get_n_items (G_LIST_MODEL (bench->probes));

  for (guint i = bench->seen; i < length; i++)
    {
      g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (bench->probes), i);

      for (guint n = 0; n < g_list_model_get_n_items (G_LIST_MODEL (trace)); n++)
        {
          g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), n);

          bench->n_hops++;
          bench->n_inferred += mill_hop_get_inferred (hop);
        }
    }
  bench->n_traces += length - bench->seen;
  bench->n_scenarios++;
  bench->seen = g_list_model_get_n_items (G_LIST_MODEL (bench->truth));
}

/* What was found to be wrong in one scenario is not found again in the next. */
static void
report (TruthBench      *bench,
        const char *scenario,
        const char *text)
{
  g_test_message ("%s: %s", scenario, text);
  g_test_fail ();
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (bench->probes)); i++)
    {
      g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (bench->probes), i);

      g_hash_table_add (bench->reported, g_strdup (mill_trace_get_id (trace)));
    }
  bench->n_scenarios++;
  bench->seen = g_list_model_get_n_items (G_LIST_MODEL (bench->truth));
}

/* Waits until @n new messages have come to their end, one of them as @state, and both ways of seeing agree. */
void
truth_agree (TruthBench     *bench,
             const char     *scenario,
             guint           n,
             MillTraceState  state)
{
  gint64 began = g_get_monotonic_time (), end = began + SECONDS * bench->unit * G_USEC_PER_SEC;
  g_autoptr (GString) differences = NULL;
  double pause = 0.05;
  guint most_over = 0, n_over;

  do
    {
      gint64 looked;
      gboolean settled;

      /* As long as the looking took: otherwise little else would be done where that takes long. */
      truth_run_for (pause);
      looked = g_get_monotonic_time ();
      settled = is_settled (bench, n, state, &n_over);
      if (n_over > most_over)
        end = looked + SECONDS * bench->unit * G_USEC_PER_SEC;
      most_over = MAX (most_over, n_over);
      if (!settled)
        continue;
      if (differences != NULL)
        g_string_free (g_steal_pointer (&differences), TRUE);
      differences = compare (bench);
      pause = MAX (0.05, (g_get_monotonic_time () - looked) / (double) G_USEC_PER_SEC);
      if (differences->len == 0)
        {
          count (bench);
          g_test_message ("%s: %u traces so far, %.1f s, %u calls in the last minute", scenario, bench->seen,
                          (g_get_monotonic_time () - began) / (double) G_USEC_PER_SEC, mill_watch_get_recent_calls (bench->probes));
          return;
        }
    }
  while (g_get_monotonic_time () < end);
  if (differences == NULL)
    {
      for (guint i = bench->seen; i < g_list_model_get_n_items (G_LIST_MODEL (bench->truth)); i++)
        {
          g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (bench->truth), i);
          g_autofree char *key = name_hop (mill_trace_get_key_hop (trace));

          g_test_message ("%s: %s at %s: %s", mill_trace_get_id (trace), mill_trace_get_state_name (trace), key,
                          mill_hop_get_error (mill_trace_get_key_hop (trace)));
        }
      report (bench, scenario, "the truth itself did not settle");
    }
  else
    {
      g_string_prepend (differences, "what is seen is not what is:\n");
      report (bench, scenario, differences->str);
    }
}
