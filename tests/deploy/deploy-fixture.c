/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deploy-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#include "mill-practice.h"

#define WAIT_SECONDS 60

typedef struct {
  gboolean      done;
  GAsyncResult *result;
} Answer;

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Answer *answer = data;

  answer->done = TRUE;
  answer->result = g_object_ref (result);
}

static gboolean
on_timeout (gpointer data)
{
  g_error ("it takes too long");
  return G_SOURCE_REMOVE;
}

static GAsyncResult *
wait_for (Answer *answer)
{
  guint id = g_timeout_add_seconds (WAIT_SECONDS, on_timeout, NULL);

  while (!answer->done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
  return answer->result;
}

static void
remove_tree (const char *path)
{
  g_autoptr(GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

char *
fixture_folder_new (void)
{
  char *folder = g_dir_make_tmp ("millrace-test-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

void
fixture_folder_remove (char *folder)
{
  remove_tree (folder);
  g_free (folder);
}

void
fixture_bench_open (FixtureBench *self)
{
  g_autofree char *state = NULL;
  g_autoptr(GError) error = NULL;

  self->folder = fixture_folder_new ();
  self->ledger = g_build_filename (self->folder, "ledger.db", NULL);
  state = g_build_filename (self->folder, "practice", NULL);
  g_setenv ("MILLRACE_PRACTICE_DIR", state, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", self->folder, TRUE);
  self->catalog = mill_catalog_new ();
  self->engine = mill_engine_new (self->catalog, self->ledger, &error);
  g_assert_no_error (error);
  self->target = mill_target_new ("practice", NULL, &error);
  g_assert_no_error (error);
  self->deployment = NULL;
}

void
fixture_bench_close (FixtureBench *self)
{
  g_clear_object (&self->deployment);
  g_object_unref (self->engine);
  g_object_unref (self->target);
  g_object_unref (self->catalog);
  g_free (self->ledger);
  fixture_folder_remove (self->folder);
}

gboolean
fixture_build (MillEngine      *engine,
               MillDeployment  *deployment,
               const char      *last_step,
               GCancellable    *cancellable,
               GError         **error)
{
  Answer answer = { 0 };
  g_autoptr(GAsyncResult) result = NULL;

  mill_engine_build_async (engine, deployment, last_step, cancellable, on_answer, &answer);
  result = wait_for (&answer);
  return mill_engine_build_finish (engine, result, error);
}

gboolean
fixture_tap (MillEngine      *engine,
             MillDeployment  *deployment,
             const char      *topic,
             gboolean         on,
             GError         **error)
{
  Answer answer = { 0 };
  g_autoptr(GAsyncResult) result = NULL;

  mill_engine_tap_async (engine, deployment, topic, on, NULL, on_answer, &answer);
  result = wait_for (&answer);
  return mill_engine_tap_finish (engine, result, error);
}

gboolean
fixture_undo (MillEngine      *engine,
              MillDeployment  *deployment,
              const char      *step,
              GError         **error)
{
  Answer answer = { 0 };
  g_autoptr(GAsyncResult) result = NULL;

  mill_engine_undo_async (engine, deployment, step, NULL, on_answer, &answer);
  result = wait_for (&answer);
  return mill_engine_undo_finish (engine, result, error);
}

GPtrArray *
fixture_check (MillEngine      *engine,
               MillDeployment  *deployment,
               const char      *step,
               GError         **error)
{
  Answer answer = { 0 };
  g_autoptr(GAsyncResult) result = NULL;

  mill_engine_check_async (engine, deployment, step, NULL, on_answer, &answer);
  result = wait_for (&answer);
  return mill_engine_check_finish (engine, result, error);
}

MillCleanup *
fixture_clean_up (MillEngine      *engine,
                  MillDeployment  *deployment,
                  GError         **error)
{
  Answer answer = { 0 };
  g_autoptr(GAsyncResult) result = NULL;

  mill_engine_clean_up_async (engine, deployment, NULL, on_answer, &answer);
  result = wait_for (&answer);
  return mill_engine_clean_up_finish (engine, result, error);
}

JsonObject *
fixture_act (MillEngine      *engine,
             MillDeployment  *deployment,
             const char      *step,
             const char      *payload,
             GError         **error)
{
  Answer answer = { 0 };
  g_autoptr(GAsyncResult) result = NULL;
  GPtrArray *actions = mill_step_get_actions (mill_tutorial_find_step (mill_deployment_get_tutorial (deployment), step));

  g_assert_cmpuint (actions->len, >, 0);
  mill_engine_act_async (engine, deployment, actions->pdata[0], payload, NULL, on_answer, &answer);
  result = wait_for (&answer);
  return mill_engine_act_finish (engine, result, error);
}

gboolean
fixture_set_code (MillEngine      *engine,
                  MillDeployment  *deployment,
                  const char      *function,
                  const char      *file,
                  const char      *text,
                  GError         **error)
{
  g_autoptr(GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  g_autoptr(GAsyncResult) result = NULL;
  Answer answer = { 0 };

  g_hash_table_insert (files, g_strdup (file), g_bytes_new (text, strlen (text)));
  mill_engine_set_code_async (engine, deployment, function, files, NULL, on_answer, &answer);
  result = wait_for (&answer);
  return mill_engine_set_code_finish (engine, result, error);
}

JsonObject *
fixture_send (MillEngine      *engine,
              MillDeployment  *deployment,
              const char      *body,
              GError         **error)
{
  GPtrArray *samples = mill_tutorial_get_samples (mill_deployment_get_tutorial (deployment));
  g_autoptr(GAsyncResult) result = NULL;
  Answer answer = { 0 };

  mill_engine_send_async (engine, deployment, samples->pdata[0], body, NULL, on_answer, &answer);
  result = wait_for (&answer);
  return mill_engine_send_finish (engine, result, error);
}

static gboolean
on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

void
fixture_wait (gboolean (*ready) (gpointer data),
              gpointer   data)
{
  guint timeout = g_timeout_add_seconds (WAIT_SECONDS, on_timeout, NULL);
  guint tick = g_timeout_add (10, on_tick, NULL);

  while (!ready (data))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
  g_source_remove (tick);
}

guint
fixture_count (MillDeployment    *deployment,
               MillResourceState  state)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (deployment)); i++)
    {
      g_autoptr(MillResource) resource = g_list_model_get_item (G_LIST_MODEL (deployment), i);

      if (mill_resource_get_state (resource) == state)
        n++;
      else
        g_test_message ("%s is %s %s", mill_resource_get_logical_id (resource),
                        mill_resource_state_to_string (mill_resource_get_state (resource)), mill_resource_get_error (resource));
    }
  return n;
}

pid_t
fixture_practice_pid (void)
{
  g_autofree char *state = mill_practice_dup_default_state ();
  g_autoptr(MillPractice) practice = NULL;
  g_autoptr(GCredentials) credentials = NULL;

  /* One that has just begun may not answer at once. */
  for (guint i = 0; practice == NULL && i < 500; i++)
    {
      practice = mill_practice_join (state, NULL, NULL);
      if (practice == NULL)
        g_usleep (10000);
    }
  g_assert_nonnull (practice);
  credentials = g_socket_get_credentials (mill_practice_get_socket (practice), NULL);
  return g_credentials_get_unix_pid (credentials, NULL);
}
