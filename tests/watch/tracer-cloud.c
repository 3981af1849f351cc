/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tracer-cloud.h"

#include "aws-json.h"

/* What a test's cloud consists of: ids that contain these words. */
static const char *
resolve (const char *kind,
         const char *id,
         const char *endpoint,
         gpointer    data)
{
  static const struct { const char *kind, *id, *logical_id; } ours[] = {
    { "gateway", "api1", "Api" }, { "queue", "arn:q", "Queue" }, { "queue", "arn:dlq", "DeadLetters" }, { "function", "arn:f1", "Store" },
    { "function", "arn:f2", "Notify" }, { "table", "arn:t", "Table" }, { "stream", "arn:t/stream/1", "Table" }, { "topic", "arn:topic", "Topic" },
    { "target", "api1", "Queue" }, { "writer", "Store", "yes" }, { "arn", "Queue", "arn:aws:sqs:eu-west-1:1:orders" },
    { "source", "Store", "Queue" }, { "source", "Notify", "Table" }, { "mail", "arn:sub", "Mail" }, { "tap", "arn:tap", "yes" },
    { "reader", "arn:t", "yes" }, { "subscriber", "arn:topic", "yes" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    if (g_str_equal (ours[i].kind, kind) && g_str_equal (ours[i].id, id))
      return ours[i].logical_id;
  return NULL;
}

double now;

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonObject *event = aws_json_parse_object (text, -1, &error);

  g_assert_no_error (error);
  return event;
}

void
add (MillTracer *tracer,
     const char *text)
{
  g_autoptr (JsonObject) event = parse (text);

  json_object_set_double_member (event, "time", now += 1);
  mill_tracer_add (tracer, event);
}

void
add_at (MillTracer *tracer,
        const char *text)
{
  g_autoptr (JsonObject) event = parse (text);

  mill_tracer_add (tracer, event);
}

void
assert_hops (MillTracer *tracer,
             guint       index,
             const char *state,
             const char *expected)
{
  g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (tracer), index);
  g_autoptr (GString) got = g_string_new (NULL);

  g_assert_nonnull (trace);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (trace)); i++)
    {
      g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), i);

      g_string_append_printf (got, "%s%s:%s:%s", i > 0 ? " " : "", mill_hop_get_kind (hop), mill_hop_get_component (hop),
                              mill_hop_get_status_name (hop));
      if (mill_hop_get_attempts (hop) > 1)
        g_string_append_printf (got, "×%u", mill_hop_get_attempts (hop));
      if (mill_hop_get_inferred (hop))
        g_string_append (got, "?");
    }
  g_assert_cmpstr (got->str, ==, expected);
  g_assert_cmpstr (mill_trace_get_state_name (trace), ==, state);
}

MillTracer *
new_tracer (void)
{
  return mill_tracer_new (resolve, NULL);
}
