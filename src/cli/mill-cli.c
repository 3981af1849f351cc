/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-cli.h"

#include "mill-report.h"

void
mill_cli_done (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  MillCli *self = data;

  self->result = g_object_ref (result);
  g_main_loop_quit (self->loop);
}

GAsyncResult *
mill_cli_wait (MillCli *self)
{
  while (self->result == NULL)
    g_main_loop_run (self->loop);
  return g_steal_pointer (&self->result);
}

static gboolean
on_time (gpointer data)
{
  gboolean *over = data;

  *over = TRUE;
  return G_SOURCE_REMOVE;
}

void
mill_cli_sleep (MillCli *self,
                double   seconds)
{
  gboolean over = FALSE;
  guint id = g_timeout_add (seconds * 1000, on_time, &over);

  while (!over && !g_cancellable_is_cancelled (self->cancellable))
    g_main_context_iteration (NULL, TRUE);
  if (!over)
    g_source_remove (id);
}

int
mill_cli_fail (MillCli      *self,
               const GError *error)
{
  const char *code = aws_error_get_code (error);
  const char *advice = mill_error_get_advice (error);

  if (self->json)
    {
      g_autoptr (JsonObject) object = json_object_new ();

      json_object_set_string_member (object, "code", *code != '\0' ? code : g_quark_to_string (error->domain));
      json_object_set_string_member (object, "message", error->message);
      json_object_set_string_member (object, "advice", advice);
      mill_cli_print_object (self, "error", object, "");
    }
  g_printerr ("millrace-cli: %s%s%s\n", code, *code != '\0' ? ": " : "", error->message);
  if (*advice != '\0')
    g_printerr ("%s\n", advice);
  return MILL_CLI_FAILED;
}

int
mill_cli_usage (MillCli    *self,
                const char *format,
                ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("millrace-cli: %s\nTry “millrace-cli --help”.\n", message);
  return MILL_CLI_USAGE;
}

gboolean
mill_cli_parse (MillCli       *self,
                int           *argc,
                char        ***argv,
                GOptionEntry  *entries,
                int            arguments)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_help_enabled (context, FALSE);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      mill_cli_usage (self, "%s: %s.", (*argv)[0], error->message);
      return FALSE;
    }
  if (arguments >= 0 && *argc - 1 < arguments)
    {
      mill_cli_usage (self, "%s: Something is missing after it.", (*argv)[0]);
      return FALSE;
    }
  if (arguments >= 0 && *argc - 1 > arguments)
    {
      mill_cli_usage (self, "%s: “%s” is one word too many.", (*argv)[0], (*argv)[1 + arguments]);
      return FALSE;
    }
  return TRUE;
}

gboolean
mill_cli_open_engine (MillCli  *self,
                      GError  **error)
{
  if (self->engine == NULL)
    {
      self->engine = mill_engine_new (self->catalog, NULL, error);
      if (self->engine != NULL && mill_engine_get_notice (self->engine) != NULL)
        g_printerr ("millrace-cli: %s\n“millrace-cli list --orphans” looks for it.\n", mill_engine_get_notice (self->engine));
    }
  return self->engine != NULL;
}

gboolean
mill_cli_open_target (MillCli     *self,
                      MillTarget  *target,
                      GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mill_target_open_async (target, self->cancellable, mill_cli_done, self);
  result = mill_cli_wait (self);
  return mill_target_open_finish (target, result, error);
}

MillDeployment *
mill_cli_find_deployment (MillCli     *self,
                          const char  *id,
                          GError     **error)
{
  MillDeployment *deployment;

  if (!mill_cli_open_engine (self, error))
    return NULL;
  deployment = mill_engine_find (self->engine, id);
  if (deployment == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN,
                   "There is no deployment “%s”. “millrace-cli list” shows those there are.", id);
      return NULL;
    }
  return deployment;
}

MillDeployment *
mill_cli_open_deployment (MillCli     *self,
                          const char  *id,
                          GError     **error)
{
  MillDeployment *deployment = mill_cli_find_deployment (self, id, error);

  return deployment != NULL && mill_cli_open_target (self, mill_deployment_get_target (deployment), error) ? deployment : NULL;
}

GHashTable *
mill_cli_read_sets (char   **sets,
                    GError **error)
{
  g_autoptr (GHashTable) parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; sets != NULL && sets[i] != NULL; i++)
    {
      char *equals = strchr (sets[i], '=');

      if (equals == NULL)
        {
          g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_PARAMETER, "--set takes NAME=VALUE, not “%s”.", sets[i]);
          return NULL;
        }
      g_hash_table_replace (parameters, g_strndup (sets[i], equals - sets[i]), g_strdup (equals + 1));
    }
  return g_steal_pointer (&parameters);
}

static gboolean
is_practice (MillTarget *target)
{
  const MillEndpointKind *kind = mill_target_get_endpoint_kind (target);

  return mill_target_get_kind (target) == MILL_TARGET_PRACTICE || (kind != NULL && g_str_equal (kind->id, "practice"));
}

/* Says what building comes to, and takes the suffix where that is wanted. FALSE with an error where it should not be built like this. */
static gboolean
check_first (MillCli       *self,
             MillTutorial  *tutorial,
             MillTarget    *target,
             GHashTable    *parameters,
             MillCliPlace  *options,
             GError       **error)
{
  g_autoptr (MillPreflight) preflight = mill_cli_preflight (self, tutorial, target, parameters, error);
  gboolean named;

  if (preflight == NULL)
    return FALSE;
  named = mill_preflight_get_verdict (preflight, MILL_PREFLIGHT_NAMES) == MILL_VERDICT_STOP;
  if (named && options->suffix && mill_preflight_get_suffix (preflight) != NULL)
    {
      g_hash_table_replace (parameters, g_strdup (mill_preflight_get_suffix_parameter (preflight)), g_strdup (mill_preflight_get_suffix (preflight)));
      g_clear_object (&preflight);
      preflight = mill_cli_preflight (self, tutorial, target, parameters, error);
      if (preflight == NULL)
        return FALSE;
      named = FALSE;
    }
  if (options->anyway || mill_preflight_get_worst (preflight) != MILL_VERDICT_STOP)
    return TRUE;
  g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY, "%s",
               named && mill_preflight_get_suffix (preflight) != NULL
               ? "Names are taken. With --suffix they get one that is free; with --set other names. Nothing was made."
               : "It would fail like this: see what is marked with ✗. With --anyway it is tried all the same. Nothing was made.");
  return FALSE;
}

MillDeployment *
mill_cli_create (MillCli       *self,
                 const char    *id,
                 MillCliPlace  *options,
                 GError       **error)
{
  g_autoptr (GHashTable) parameters = NULL;
  g_autoptr (MillTarget) target = NULL;
  MillTutorial *tutorial = mill_catalog_find (self->catalog, id);

  if (tutorial == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN,
                   "There is no tutorial “%s”. “millrace-cli tutorials” shows those there are.", id);
      return NULL;
    }
  parameters = mill_cli_read_sets (options->sets, error);
  if (parameters != NULL && options->role != NULL)
    g_hash_table_replace (parameters, g_strdup (MILL_PARAMETER_ROLE), g_strdup (options->role));
  if (parameters == NULL || !mill_cli_open_engine (self, error))
    return NULL;
  target = mill_target_new (options->target != NULL ? options->target : "practice", options->region, error);
  if (target == NULL || !mill_cli_open_target (self, target, error))
    return NULL;
  if ((options->preflight || options->suffix || !is_practice (target)) && !check_first (self, tutorial, target, parameters, options, error))
    return NULL;
  return options->preflight ? NULL : mill_engine_create (self->engine, tutorial, target, parameters, error);
}

static void
on_resource_state (MillResource *resource,
                   GParamSpec   *pspec,
                   MillCli      *self)
{
  mill_cli_print_resource (self, resource);
}

/* What waits before it is made changes its reason, and not its state. */
static void
on_resource_reason (MillResource *resource,
                    GParamSpec   *pspec,
                    MillCli      *self)
{
  if (*mill_resource_get_wait_reason (resource) != '\0' && mill_resource_get_state (resource) != MILL_RESOURCE_WAITING)
    mill_cli_print_resource (self, resource);
}

static void
each_resource (MillDeployment *deployment,
               void          (*func) (MillResource *resource, MillCli *self),
               MillCli        *self)
{
  GListModel *model = G_LIST_MODEL (deployment);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (model, i);
      func (resource, self);
    }
}

static void
print_changes_of (MillResource *resource,
                  MillCli      *self)
{
  g_signal_connect (resource, "notify::state", G_CALLBACK (on_resource_state), self);
  g_signal_connect (resource, "notify::wait-reason", G_CALLBACK (on_resource_reason), self);
}

static void
stop_printing_changes_of (MillResource *resource,
                          MillCli      *self)
{
  g_signal_handlers_disconnect_by_func (resource, on_resource_state, self);
  g_signal_handlers_disconnect_by_func (resource, on_resource_reason, self);
}

void
mill_cli_print_changes (MillCli        *self,
                        MillDeployment *deployment,
                        gboolean        on)
{
  each_resource (deployment, on ? print_changes_of : stop_printing_changes_of, self);
}

gboolean
mill_cli_build (MillCli         *self,
                MillDeployment  *deployment,
                const char      *until,
                GError         **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  gboolean ok;

  mill_cli_print_changes (self, deployment, TRUE);
  mill_engine_build_async (self->engine, deployment, until, self->cancellable, mill_cli_done, self);
  result = mill_cli_wait (self);
  ok = mill_engine_build_finish (self->engine, result, error);
  mill_cli_print_changes (self, deployment, FALSE);
  return ok;
}

gboolean
mill_cli_take_down (MillCli         *self,
                    MillDeployment  *deployment,
                    const char      *report,
                    GError         **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (MillCleanup) cleanup = NULL;
  g_autoptr (GError) local = NULL;

  mill_cli_print_changes (self, deployment, TRUE);
  mill_engine_clean_up_async (self->engine, deployment, self->cancellable, mill_cli_done, self);
  result = mill_cli_wait (self);
  cleanup = mill_engine_clean_up_finish (self->engine, result, &local);
  mill_cli_print_changes (self, deployment, FALSE);
  if (cleanup != NULL)
    {
      mill_cli_print_clean_up (self, cleanup);
      if (report != NULL && cleanup->report != NULL)
        {
          g_autofree char *text = mill_report_to_text (cleanup->report, report);

          if (!g_file_set_contents (report, text, -1, error))
            return FALSE;
        }
    }
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return cleanup->left == 0;
}
