/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * soak ROUNDS ABREAST: in one engine, builds and takes down the order pipeline so many times, so many of them side by side, and forgets each. Prints a line
 * of JSON for each round: what this process has by then.
 */
#include <malloc.h>
#include <stdlib.h>

#include "deploy-fixture.h"

typedef struct {
  guint          *open;     /* how many are not taken down yet */
  MillEngine     *engine;
  MillDeployment *deployment;
} Row;

static guint
count_entries (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static guint
read_rss_kib (void)
{
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &text, NULL, NULL));
  line = g_strstr_len (text, -1, "VmRSS:");
  return line != NULL ? strtoul (line + 6, NULL, 10) : 0;
}

static void
on_clean (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autofree Row *row = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(MillCleanup) cleanup = mill_engine_clean_up_finish (row->engine, result, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (cleanup->left, ==, 0);
  g_assert_true (mill_engine_forget (row->engine, row->deployment, &error));
  g_assert_no_error (error);
  g_object_unref (row->deployment);
  (*row->open)--;
}

static void
on_built (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Row *row = data;
  g_autoptr(GError) error = NULL;

  g_assert_true (mill_engine_build_finish (row->engine, result, &error));
  g_assert_no_error (error);
  mill_engine_clean_up_async (row->engine, row->deployment, NULL, on_clean, row);
}

static void
begin (guint       *open,
       MillEngine  *engine,
       MillCatalog *catalog,
       MillTarget  *target,
       guint        number)
{
  g_autoptr(GHashTable) parameters = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *suffix = g_strdup_printf ("-%u", number);
  g_autoptr(GError) error = NULL;
  Row *row = g_new0 (Row, 1);

  g_hash_table_insert (parameters, (gpointer) "NameSuffix", suffix);
  row->open = open;
  row->engine = engine;
  row->deployment = mill_engine_create (engine, mill_catalog_find (catalog, "order-pipeline"), target, parameters, &error);
  g_assert_no_error (error);
  mill_engine_build_async (engine, row->deployment, NULL, NULL, on_built, row);
}

int
main (int    argc,
      char **argv)
{
  guint rounds = argc > 1 ? atoi (argv[1]) : 3;
  guint abreast = argc > 2 ? atoi (argv[2]) : 1;
  g_autoptr(MillCatalog) catalog = mill_catalog_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(MillEngine) engine = mill_engine_new (catalog, NULL, &error);
  g_autoptr(MillTarget) target = NULL;

  g_assert_no_error (error);
  target = mill_target_new ("practice", NULL, &error);
  g_assert_no_error (error);
  for (guint round = 1; round <= rounds; round++)
    {
      guint open = abreast;

      for (guint i = 0; i < abreast; i++)
        begin (&open, engine, catalog, target, i);
      while (open > 0)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (engine)), ==, 0);
      malloc_trim (0);
      g_print ("{\"round\": %u, \"rss\": %u, \"fds\": %u, \"threads\": %u}\n", round, read_rss_kib (), count_entries ("/proc/self/fd"),
               count_entries ("/proc/self/task"));
    }
  return 0;
}
