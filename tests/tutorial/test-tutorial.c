/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tutorial.h"

#include <glib/gstdio.h>
#include <string.h>

static MillTutorial *
order_pipeline (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("MILLRACE_DATA_DIR"), "tutorials", "order-pipeline", NULL);
  g_autoptr (GError) error = NULL;
  MillTutorial *tutorial = mill_tutorial_load (path, &error);

  g_assert_no_error (error);
  return tutorial;
}

/* Every task of the source documents has its step, in their order. */
static void
test_order_pipeline (void)
{
  static const char *const steps[] = {
    "policy-write", "policy-publish", "policy-streams", "policy-queue", "role-store", "role-notify", "role-gateway",
    "table", "queue", "function-store", "trigger-store", "code-store", "test-store", "verify-store", "stream", "topic",
    "subscription", "function-notify", "trigger-notify", "code-notify", "test-notify", "api", "method", "test-method",
    "deploy-api", "send", "clean-up"
  };
  g_autoptr (MillTutorial) tutorial = order_pipeline ();
  GPtrArray *all = mill_tutorial_get_steps (tutorial);

  g_assert_cmpuint (all->len, ==, G_N_ELEMENTS (steps));
  for (guint i = 0; i < all->len; i++)
    {
      g_assert_cmpstr (mill_step_get_id (all->pdata[i]), ==, steps[i]);
      g_assert_cmpstr (mill_step_get_why (all->pdata[i]), !=, "");
      g_assert_cmpstr (mill_step_get_what (all->pdata[i]), !=, "");
      g_assert_cmpstr (mill_step_get_by_hand (all->pdata[i]), !=, "");
      g_assert_cmpstr (mill_step_get_look_for (all->pdata[i]), !=, "");
    }
  g_assert_cmpuint (mill_tutorial_get_nodes (tutorial)->len, ==, 9);
  g_assert_cmpuint (mill_tutorial_get_edges (tutorial)->len, ==, 8);
  g_assert_cmpuint (mill_tutorial_get_samples (tutorial)->len, ==, 2);
  g_assert_cmpstr (mill_step_get_id (mill_tutorial_find_maker (tutorial, "Queue")), ==, "queue");
}

/* A property that a later step sets is not there before, or has its starting value. */
static void
test_properties_at (void)
{
  g_autoptr (MillTutorial) tutorial = order_pipeline ();
  MillStep *table = mill_tutorial_find_step (tutorial, "table");
  MillStep *stream = mill_tutorial_find_step (tutorial, "stream");
  MillStep *function = mill_tutorial_find_step (tutorial, "function-store");
  g_autoptr (JsonObject) before = mill_tutorial_get_properties_at (tutorial, "OrdersTable", table);
  g_autoptr (JsonObject) after = mill_tutorial_get_properties_at (tutorial, "OrdersTable", stream);
  g_autoptr (JsonObject) all = mill_tutorial_get_properties_at (tutorial, "OrdersTable", NULL);
  g_autoptr (JsonObject) starting = mill_tutorial_get_properties_at (tutorial, "StoreFunction", function);
  g_autoptr (JsonObject) final = mill_tutorial_get_properties_at (tutorial, "StoreFunction", NULL);

  g_assert_false (json_object_has_member (before, "StreamSpecification"));
  g_assert_true (json_object_has_member (before, "KeySchema"));
  g_assert_true (json_object_has_member (after, "StreamSpecification"));
  g_assert_true (json_object_has_member (all, "StreamSpecification"));
  g_assert_cmpstr (json_object_get_string_member (starting, "Code"), ==, "functions/starter");
  g_assert_cmpstr (json_object_get_string_member (final, "Code"), ==, "functions/store_order");
}

static void
test_code (void)
{
  g_autoptr (MillTutorial) tutorial = order_pipeline ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) files = mill_tutorial_read_code (tutorial, "functions/store_order", &error);

  g_assert_no_error (error);
  g_assert_nonnull (g_hash_table_lookup (files, "lambda_function.py"));
  g_assert_null (mill_tutorial_read_code (tutorial, "../../..", &error));
  g_assert_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_CONTENT);
  g_clear_error (&error);
  g_assert_null (mill_tutorial_read_code (tutorial, "/etc", &error));
  g_assert_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_CONTENT);
  g_clear_error (&error);
  g_assert_null (mill_tutorial_read_code (tutorial, "functions/nowhere", &error));
  g_assert_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_FILE);
}

/* Both files cut off at many places: always a sentence, never a crash, and the catalog goes on without it. */
static void
test_cut_in_half (void)
{
  g_autofree char *root = g_dir_make_tmp ("millrace-XXXXXX", NULL);
  g_autofree char *own = g_build_filename (root, "tutorials", "broken", NULL);
  const char *const names[] = { "template.json", "tutorial.json" };

  g_assert_cmpint (g_mkdir_with_parents (own, 0700), ==, 0);
  for (guint n = 0; n < G_N_ELEMENTS (names); n++)
    {
      g_autofree char *from[2] = { NULL, NULL };
      g_autofree char *text = NULL;
      gsize length = 0;

      for (guint i = 0; i < 2; i++)
        {
          g_autofree char *path = g_build_filename (g_getenv ("MILLRACE_DATA_DIR"), "tutorials", "order-pipeline", names[i], NULL);
          g_autofree char *to = g_build_filename (own, names[i], NULL);
          g_autofree char *content = NULL;
          gsize size;

          g_assert_true (g_file_get_contents (path, &content, &size, NULL));
          g_assert_true (g_file_set_contents (to, content, size, NULL));
          if (i == n)
            {
              text = g_steal_pointer (&content);
              length = size;
            }
        }
      for (gsize at = 0; at < length - 2; at += length / 50)
        {
          g_autofree char *to = g_build_filename (own, names[n], NULL);
          g_autoptr (GError) error = NULL;

          g_assert_true (g_file_set_contents (to, text, at, NULL));
          g_assert_null (mill_tutorial_load (own, &error));
          g_assert_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_SYNTAX);
          g_assert_nonnull (strstr (error->message, names[n]));
        }
    }
  {
    g_autofree char *kept = g_strdup (g_getenv ("MILLRACE_DATA_DIR"));
    g_autoptr (MillCatalog) catalog = NULL;

    g_setenv ("MILLRACE_DATA_DIR", root, TRUE);
    catalog = mill_catalog_new ();
    g_setenv ("MILLRACE_DATA_DIR", kept, TRUE);
    g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (catalog)), ==, 0);
    g_assert_cmpuint (mill_catalog_get_errors (catalog)->len, ==, 1);
  }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (own, names[i], NULL);
      g_unlink (path);
    }
  {
    g_autofree char *parent = g_path_get_dirname (own);
    g_rmdir (own);
    g_rmdir (parent);
    g_assert_cmpint (g_rmdir (root), ==, 0);
  }
}

static void
test_catalog (void)
{
  g_autoptr (MillCatalog) catalog = mill_catalog_new ();

  g_assert_cmpuint (mill_catalog_get_errors (catalog)->len, ==, 0);
  g_assert_nonnull (mill_catalog_find (catalog, "order-pipeline"));
  g_assert_null (mill_catalog_find (catalog, "nowhere"));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tutorial/order-pipeline", test_order_pipeline);
  g_test_add_func ("/tutorial/properties-at", test_properties_at);
  g_test_add_func ("/tutorial/code", test_code);
  g_test_add_func ("/tutorial/cut-in-half", test_cut_in_half);
  g_test_add_func ("/tutorial/catalog", test_catalog);
  return g_test_run ();
}
