/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drives the engine from a shell, for tests in other languages: deploy-tool LEDGER COMMAND ARGUMENTS, answers in JSON lines. */
#include <string.h>

#include "mill-engine.h"

typedef struct {
  GMainLoop  *loop;
  GAsyncResult *result;
} Waiting;

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Waiting *waiting = data;

  waiting->result = g_object_ref (result);
  g_main_loop_quit (waiting->loop);
}

static void
on_state (MillResource *resource,
          GParamSpec   *pspec,
          gpointer      data)
{
  if (g_getenv ("VERBOSE") != NULL)
    g_print ("  %-16s %-9s %4u ms %s%s\n", mill_resource_get_logical_id (resource), mill_resource_state_to_string (mill_resource_get_state (resource)),
             mill_resource_get_milliseconds (resource), mill_resource_get_wait_reason (resource), mill_resource_get_error (resource));
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MillCatalog) catalog = mill_catalog_new ();
  g_autoptr(MillEngine) engine = mill_engine_new (catalog, argv[1], &error);
  Waiting waiting = { g_main_loop_new (NULL, FALSE), NULL };
  MillDeployment *deployment;
  gint64 began = g_get_monotonic_time ();

  if (engine == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  if (strcmp (argv[2], "create") == 0)
    {
      g_autoptr(MillTarget) target = mill_target_new (argv[3], NULL, &error);
      g_autoptr(GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
      g_autoptr(MillDeployment) made = NULL;

      for (int i = 5; i + 1 < argc; i += 2)
        g_hash_table_insert (values, argv[i], argv[i + 1]);
      made = target != NULL ? mill_engine_create (engine, mill_catalog_find (catalog, argv[4]), target, values, &error) : NULL;
      if (made == NULL)
        {
          g_printerr ("%s\n", error->message);
          return 1;
        }
      g_print ("%s\n", mill_deployment_get_id (made));
      return 0;
    }
  deployment = mill_engine_find (engine, argv[3]);
  if (deployment == NULL)
    {
      g_printerr ("no deployment %s\n", argv[3]);
      return 1;
    }
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (deployment)); i++)
    {
      g_autoptr(MillResource) resource = g_list_model_get_item (G_LIST_MODEL (deployment), i);

      g_signal_connect (resource, "notify::state", G_CALLBACK (on_state), NULL);
      g_signal_connect (resource, "notify::wait-reason", G_CALLBACK (on_state), NULL);
    }
  if (strcmp (argv[2], "build") == 0)
    {
      mill_engine_build_async (engine, deployment, argv[4], NULL, on_done, &waiting);
      g_main_loop_run (waiting.loop);
      if (!mill_engine_build_finish (engine, waiting.result, &error))
        g_print ("error: %s\n", error->message);
    }
  else if (strcmp (argv[2], "check") == 0)
    {
      g_autoptr(GPtrArray) results = NULL;

      mill_engine_check_async (engine, deployment, argv[4], NULL, on_done, &waiting);
      g_main_loop_run (waiting.loop);
      results = mill_engine_check_finish (engine, waiting.result, &error);
      for (guint i = 0; results != NULL && i < results->len; i++)
        {
          MillCheckResult *r = results->pdata[i];
          g_print ("%s %s/%s %s\n", r->ok ? "ok" : "NOT", r->step, r->id, r->text);
        }
    }
  else if (strcmp (argv[2], "undo") == 0)
    {
      mill_engine_undo_async (engine, deployment, argv[4], NULL, on_done, &waiting);
      g_main_loop_run (waiting.loop);
      mill_engine_undo_finish (engine, waiting.result, &error);
    }
  else if (strcmp (argv[2], "clean") == 0)
    {
      g_autoptr(MillCleanup) cleanup = NULL;

      mill_engine_clean_up_async (engine, deployment, NULL, on_done, &waiting);
      g_main_loop_run (waiting.loop);
      cleanup = mill_engine_clean_up_finish (engine, waiting.result, &error);
      if (cleanup != NULL)
        {
          g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), cleanup->report);
          g_autofree char *text = json_to_string (node, TRUE);
          g_print ("deleted %u verified %u left %u\n", cleanup->deleted, cleanup->verified, cleanup->left);
          if (g_getenv ("REPORT")) g_print ("%s\n", text);
        }
    }
  if (error != NULL)
    g_print ("error: %s\nadvice: %s\n", error->message, mill_error_get_advice (error));
  g_print ("%s, %.1f ms\n", mill_deployment_state_to_string (mill_deployment_get_state (deployment)), (g_get_monotonic_time () - began) / 1000.0);
  return error != NULL;
}
