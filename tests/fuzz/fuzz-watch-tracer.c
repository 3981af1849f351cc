/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdint.h>

#include "aws-json.h"
#include "mill-tracer.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Everything is ours, but for what begins with "x". */
static const char *
resolve (const char *kind,
         const char *id,
         const char *endpoint,
         gpointer    data)
{
  return *id != 'x' ? g_intern_string (kind) : NULL;
}

static void
look (const char *id,
      const char *component,
      const char *kind,
      MillHop    *hop,
      gpointer    data)
{
  g_assert_true (component != NULL && kind != NULL && (hop == NULL || mill_hop_get_held (hop)));
}

/* Lines of an event stream, as they may come. */
int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (MillTracer) tracer = mill_tracer_new (resolve, NULL);
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 64);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (JsonObject) event = aws_json_parse_object (lines[i], -1, NULL);

      if (event != NULL)
        mill_tracer_add (tracer, event);
    }
  mill_tracer_pass_time (tracer, 1e6);
  mill_tracer_pass_time (tracer, 4e9);
  mill_tracer_foreach_held (tracer, look, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (tracer)); i++)
    {
      g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (tracer), i);
      MillHop *key = mill_trace_get_key_hop (trace);

      g_assert_nonnull (mill_trace_get_state_name (trace));
      g_assert_true (key == NULL || mill_hop_get_status_name (key) != NULL);
    }
  mill_tracer_forget_held (tracer);
  return 0;
}
