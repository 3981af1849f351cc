/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-cli.h"

#include <stdio.h>
#include <string.h>

#include "aws-json.h"
#include "mill-tap.h"

#define MAX_COUNT 100000

int
mill_cli_tutorials (MillCli  *self,
                    int       argc,
                    char    **argv)
{
  GOptionEntry none[] = { G_OPTION_ENTRY_NULL };
  GListModel *model = G_LIST_MODEL (self->catalog);
  GPtrArray *errors = mill_catalog_get_errors (self->catalog);

  if (!mill_cli_parse (self, &argc, &argv, none, 0))
    return MILL_CLI_USAGE;
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (MillTutorial) tutorial = g_list_model_get_item (model, i);
      g_autoptr (JsonObject) object = json_object_new ();
      g_autofree char *line = g_strdup_printf ("%-18s %s (%u steps, about %u minutes)\n%-18s %s", mill_tutorial_get_id (tutorial),
                                               mill_tutorial_get_title (tutorial), mill_tutorial_get_steps (tutorial)->len,
                                               mill_tutorial_get_minutes (tutorial), "", mill_tutorial_get_summary (tutorial));

      json_object_set_string_member (object, "id", mill_tutorial_get_id (tutorial));
      json_object_set_string_member (object, "title", mill_tutorial_get_title (tutorial));
      json_object_set_string_member (object, "summary", mill_tutorial_get_summary (tutorial));
      json_object_set_int_member (object, "minutes", mill_tutorial_get_minutes (tutorial));
      json_object_set_int_member (object, "steps", mill_tutorial_get_steps (tutorial)->len);
      mill_cli_print_object (self, "tutorial", object, line);
    }
  for (guint i = 0; i < errors->len; i++)
    g_printerr ("millrace-cli: %s\n", (char *) errors->pdata[i]);
  return errors->len > 0 ? MILL_CLI_FAILED : MILL_CLI_DONE;
}

static JsonArray *
names (const char *const *list)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; list[i] != NULL; i++)
    json_array_add_string_element (array, list[i]);
  return array;
}

int
mill_cli_show (MillCli  *self,
               int       argc,
               char    **argv)
{
  GOptionEntry none[] = { G_OPTION_ENTRY_NULL };
  g_autoptr (GError) error = NULL;
  MillTutorial *tutorial;
  GPtrArray *steps, *parameters;

  if (!mill_cli_parse (self, &argc, &argv, none, 1))
    return MILL_CLI_USAGE;
  tutorial = mill_catalog_find (self->catalog, argv[1]);
  if (tutorial == NULL)
    {
      g_set_error (&error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN,
                   "There is no tutorial “%s”. “millrace-cli tutorials” shows those there are.", argv[1]);
      return mill_cli_fail (self, error);
    }
  steps = mill_tutorial_get_steps (tutorial);
  for (guint i = 0; i < steps->len; i++)
    {
      MillStep *step = steps->pdata[i];
      g_autoptr (JsonObject) object = json_object_new ();
      g_autofree char *resources = g_strjoinv (", ", (char **) mill_step_get_resources (step));
      g_autofree char *line = g_strdup_printf ("%2u  %-16s %-24s %s%s%s", i + 1, mill_step_get_id (step), mill_step_get_section (step),
                                               mill_step_get_title (step), *resources != '\0' ? ": " : "", resources);

      json_object_set_string_member (object, "id", mill_step_get_id (step));
      json_object_set_string_member (object, "section", mill_step_get_section (step));
      json_object_set_string_member (object, "title", mill_step_get_title (step));
      json_object_set_array_member (object, "resources", names (mill_step_get_resources (step)));
      json_object_set_array_member (object, "sets", names (mill_step_get_properties (step)));
      json_object_set_array_member (object, "parameters", names (mill_step_get_parameters (step)));
      mill_cli_print_object (self, "step", object, line);
    }
  if (!self->json)
    g_print ("\nParameters (--set NAME=VALUE):\n");
  parameters = mill_template_get_parameters (mill_tutorial_get_template (tutorial));
  for (guint i = 0; i < parameters->len; i++)
    {
      const MillParameter *parameter = parameters->pdata[i];
      g_autoptr (JsonObject) object = json_object_new ();
      g_autofree char *line = g_strdup_printf ("    %-20s %-30s %s", parameter->name,
                                               parameter->default_value != NULL ? parameter->default_value : "", parameter->description);

      json_object_set_string_member (object, "name", parameter->name);
      json_object_set_string_member (object, "default", parameter->default_value != NULL ? parameter->default_value : "");
      json_object_set_string_member (object, "description", parameter->description);
      mill_cli_print_object (self, "parameter", object, line);
    }
  return MILL_CLI_DONE;
}

static void
place_clear (MillCliPlace *options)
{
  g_free (options->target);
  g_free (options->region);
  g_strfreev (options->sets);
  g_free (options->until);
  g_free (options->role);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MillCliPlace, place_clear)

static gboolean
parse_deploy (MillCli        *self,
              int            *argc,
              char         ***argv,
              MillCliPlace   *options)
{
  GOptionEntry entries[] = {
    { "target", 0, 0, G_OPTION_ARG_STRING, &options->target, NULL, NULL },
    { "region", 0, 0, G_OPTION_ARG_STRING, &options->region, NULL, NULL },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->sets, NULL, NULL },
    { "until", 0, 0, G_OPTION_ARG_STRING, &options->until, NULL, NULL },
    { "role", 0, 0, G_OPTION_ARG_STRING, &options->role, NULL, NULL },
    { "preflight", 0, 0, G_OPTION_ARG_NONE, &options->preflight, NULL, NULL },
    { "suffix", 0, 0, G_OPTION_ARG_NONE, &options->suffix, NULL, NULL },
    { "anyway", 0, 0, G_OPTION_ARG_NONE, &options->anyway, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };

  return mill_cli_parse (self, argc, argv, entries, 1);
}

static gboolean
check_until (MillTutorial  *tutorial,
             const char    *until,
             GError       **error)
{
  if (until == NULL || mill_tutorial_find_step (tutorial, until) != NULL)
    return TRUE;
  g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, "The tutorial has no step “%s”. “millrace-cli show %s” shows them.",
               until, mill_tutorial_get_id (tutorial));
  return FALSE;
}

/* The account does not let its user make roles or policies. */
static gboolean
is_no_role (const GError *error)
{
  return aws_error_has_code (error, "AccessDenied") && g_regex_match_simple ("iam:(Create|Attach|Put)", error->message, 0, 0);
}

static MillDeployment *
deploy (MillCli        *self,
        const char     *tutorial,
        MillCliPlace   *options,
        GError        **error)
{
  g_autoptr (MillDeployment) deployment = NULL;
  MillTutorial *found = mill_catalog_find (self->catalog, tutorial);

  if (found != NULL && !check_until (found, options->until, error))
    return NULL;
  deployment = mill_cli_create (self, tutorial, options, error);
  if (deployment == NULL)
    return NULL;
  mill_cli_print_deployment (self, deployment);
  if (mill_cli_build (self, deployment, options->until, error))
    return g_steal_pointer (&deployment);
  g_printerr ("millrace-cli: What was made is kept as %s. “millrace-cli cleanup %s” takes it down.\n",
              mill_deployment_get_id (deployment), mill_deployment_get_id (deployment));
  if (is_no_role (*error))
    g_printerr ("millrace-cli: Where roles cannot be made, as in a learner lab, go on with one that is there: “millrace-cli resume %s --role LabRole”.\n",
                mill_deployment_get_id (deployment));
  return NULL;
}

int
mill_cli_deploy (MillCli  *self,
                 int       argc,
                 char    **argv)
{
  g_auto (MillCliPlace) options = { 0 };
  g_autoptr (MillDeployment) deployment = NULL;
  g_autoptr (GError) error = NULL;

  if (!parse_deploy (self, &argc, &argv, &options))
    return MILL_CLI_USAGE;
  deployment = deploy (self, argv[1], &options, &error);
  if (deployment == NULL)
    return error != NULL ? mill_cli_fail (self, error) : MILL_CLI_DONE;
  mill_cli_print_deployment (self, deployment);
  return MILL_CLI_DONE;
}

int
mill_cli_resume (MillCli  *self,
                 int       argc,
                 char    **argv)
{
  g_auto (GStrv) sets = NULL;
  g_autofree char *role = NULL;
  GOptionEntry entries[] = {
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &sets, NULL, NULL },
    { "role", 0, 0, G_OPTION_ARG_STRING, &role, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) parameters = NULL;
  MillDeployment *deployment;
  GHashTableIter iter;
  gpointer name, value;

  if (!mill_cli_parse (self, &argc, &argv, entries, 1))
    return MILL_CLI_USAGE;
  parameters = mill_cli_read_sets (sets, &error);
  deployment = parameters != NULL ? mill_cli_open_deployment (self, argv[1], &error) : NULL;
  if (deployment == NULL)
    return mill_cli_fail (self, error);
  if (role != NULL)
    g_hash_table_replace (parameters, g_strdup (MILL_PARAMETER_ROLE), g_strdup (role));
  /* A name that was taken, for example. */
  g_hash_table_iter_init (&iter, parameters);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!mill_engine_set_parameter (self->engine, deployment, name, value, &error))
      return mill_cli_fail (self, error);
  if (!mill_cli_build (self, deployment, NULL, &error))
    return mill_cli_fail (self, error);
  mill_cli_print_deployment (self, deployment);
  return MILL_CLI_DONE;
}

static int
check (MillCli        *self,
       MillDeployment *deployment)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) checks = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;

  mill_engine_check_async (self->engine, deployment, NULL, self->cancellable, mill_cli_done, self);
  result = mill_cli_wait (self);
  checks = mill_engine_check_finish (self->engine, result, &error);
  if (checks == NULL)
    return mill_cli_fail (self, error);
  for (guint i = 0; i < checks->len; i++)
    {
      MillCheckResult *each = checks->pdata[i];

      mill_cli_print_check (self, each);
      ok &= each->ok;
    }
  return ok ? MILL_CLI_DONE : MILL_CLI_FAILED;
}

int
mill_cli_status (MillCli  *self,
                 int       argc,
                 char    **argv)
{
  GOptionEntry none[] = { G_OPTION_ENTRY_NULL };
  g_autoptr (GError) error = NULL;
  MillDeployment *deployment;
  GListModel *model;
  int status;

  if (!mill_cli_parse (self, &argc, &argv, none, 1))
    return MILL_CLI_USAGE;
  deployment = mill_cli_open_deployment (self, argv[1], &error);
  if (deployment == NULL)
    return mill_cli_fail (self, error);
  status = check (self, deployment);
  mill_cli_print_deployment (self, deployment);
  model = G_LIST_MODEL (deployment);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (model, i);

      /* A tap that was taken away is no part of the deployment. */
      if (!mill_tap_is_part (mill_resource_get_logical_id (resource)) || mill_resource_get_state (resource) != MILL_RESOURCE_DELETED)
        mill_cli_print_resource (self, resource);
    }
  return status;
}

/* TEXT, @FILE, or - for standard input. */
static char *
read_message (const char  *message,
              GError     **error)
{
  g_autofree char *text = NULL;

  if (g_str_equal (message, "-"))
    {
      g_autoptr (GString) all = g_string_new (NULL);
      char buffer[4096];
      gsize n;

      while ((n = fread (buffer, 1, sizeof buffer, stdin)) > 0)
        g_string_append_len (all, buffer, n);
      text = g_string_free (g_steal_pointer (&all), FALSE);
    }
  else if (message[0] == '@')
    {
      if (!g_file_get_contents (message + 1, &text, NULL, error))
        return NULL;
    }
  else
    return g_strdup (message);
  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "The message is not UTF-8 text.");
      return NULL;
    }
  return g_steal_pointer (&text);
}

int
mill_cli_send (MillCli  *self,
               int       argc,
               char    **argv)
{
  g_autofree char *message = NULL;
  gboolean probes = FALSE;
  int n = 1;
  GOptionEntry entries[] = {
    { "message", 0, 0, G_OPTION_ARG_STRING, &message, NULL, NULL },
    { "count", 0, 0, G_OPTION_ARG_INT, &n, NULL, NULL },
    { "probes", 0, 0, G_OPTION_ARG_NONE, &probes, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GPtrArray) samples = g_ptr_array_new ();
  g_autoptr (GPtrArray) bodies = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  MillDeployment *deployment;
  MillSample *sample;

  if (!mill_cli_parse (self, &argc, &argv, entries, 1))
    return MILL_CLI_USAGE;
  if (n < 1 || n > MAX_COUNT)
    return mill_cli_usage (self, "send: --count takes a number from 1 to %d.", MAX_COUNT);
  deployment = mill_cli_open_deployment (self, argv[1], &error);
  if (deployment == NULL)
    return mill_cli_fail (self, error);
  if (mill_deployment_get_tutorial (deployment) == NULL || mill_tutorial_get_samples (mill_deployment_get_tutorial (deployment))->len == 0)
    {
      g_set_error (&error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, "The tutorial of this deployment is not there any more, or has no sample message.");
      return mill_cli_fail (self, error);
    }
  sample = mill_tutorial_get_samples (mill_deployment_get_tutorial (deployment))->pdata[0];
  body = message != NULL ? read_message (message, &error) : g_strdup (sample->body);
  if (body == NULL)
    return mill_cli_fail (self, error);
  for (int i = 0; i < n; i++)
    {
      g_ptr_array_add (samples, sample);
      g_ptr_array_add (bodies, g_strdup (body));
    }
  if (mill_cli_send_all (self, deployment, samples, bodies, probes ? MILL_WATCH_PROBES : MILL_WATCH_AUTO, &error))
    return MILL_CLI_DONE;
  return error != NULL ? mill_cli_fail (self, error) : MILL_CLI_FAILED;
}

int
mill_cli_watch (MillCli  *self,
                int       argc,
                char    **argv)
{
  double seconds = 0;
  gboolean step = FALSE, probes = FALSE;
  int calls = MILL_TURNS_BUDGET;
  GOptionEntry entries[] = {
    { "for", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, NULL, NULL },
    { "step", 0, 0, G_OPTION_ARG_NONE, &step, NULL, NULL },
    { "probes", 0, 0, G_OPTION_ARG_NONE, &probes, NULL, NULL },
    { "calls", 0, 0, G_OPTION_ARG_INT, &calls, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  gboolean ok = TRUE;
  g_autoptr (GError) error = NULL;
  g_autoptr (MillWatch) watch = NULL;
  MillDeployment *deployment;

  if (!mill_cli_parse (self, &argc, &argv, entries, 1))
    return MILL_CLI_USAGE;
  if (seconds < 0 || seconds > 7 * 86400)
    return mill_cli_usage (self, "watch: --for takes a number of seconds.");
  if (calls < MILL_TURNS_AT_REST || calls > 6000)
    return mill_cli_usage (self, "watch: --calls takes a number from %d to 6000.", MILL_TURNS_AT_REST);
  deployment = mill_cli_open_deployment (self, argv[1], &error);
  if (deployment == NULL)
    return mill_cli_fail (self, error);
  if (seconds == 0)
    seconds = 7 * 86400;
  if (step && mill_target_get_kind (mill_deployment_get_target (deployment)) != MILL_TARGET_PRACTICE)
    return mill_cli_usage (self, "watch: --step works on the practice cloud only.");
  watch = mill_watch_new (deployment);
  mill_cli_follow (self, watch);
  if (!step)
    mill_cli_follow_counts (self, watch);
  mill_watch_set_source (watch, probes ? MILL_WATCH_PROBES : MILL_WATCH_AUTO);
  mill_watch_set_budget (watch, calls);
  if (step)
    ok = mill_cli_step (self, deployment, watch, seconds, &error);
  else
    {
      mill_watch_start (watch, FALSE);
      mill_cli_sleep (self, seconds);
    }
  g_signal_handlers_disconnect_by_data (watch, self);
  return ok ? MILL_CLI_DONE : mill_cli_fail (self, error);
}

int
mill_cli_inbox (MillCli  *self,
                int       argc,
                char    **argv)
{
  double seconds = 0;
  GOptionEntry entries[] = {
    { "wait", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (MillTarget) target = NULL;
  g_autoptr (GError) error = NULL;
  gint64 end;
  guint printed = 0;

  if (!mill_cli_parse (self, &argc, &argv, entries, 0))
    return MILL_CLI_USAGE;
  if (seconds < 0 || seconds > 86400)
    return mill_cli_usage (self, "inbox: --wait takes a number of seconds.");
  if (!mill_cli_open_engine (self, &error) || (target = mill_target_new ("practice", NULL, &error)) == NULL)
    return mill_cli_fail (self, error);
  mill_target_open_async (target, self->cancellable, mill_cli_done, self);
  {
    g_autoptr (GAsyncResult) result = mill_cli_wait (self);
    if (!mill_target_open_finish (target, result, &error))
      return mill_cli_fail (self, error);
  }
  end = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  do
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (JsonObject) inbox = NULL;
      JsonArray *messages;

      if (printed > 0 || g_get_monotonic_time () > end - (gint64) (seconds * G_USEC_PER_SEC))
        mill_cli_sleep (self, 0.1);
      mill_engine_inbox_async (self->engine, target, NULL, self->cancellable, mill_cli_done, self);
      result = mill_cli_wait (self);
      inbox = mill_engine_inbox_finish (self->engine, result, &error);
      if (inbox == NULL)
        return mill_cli_fail (self, error);
      messages = aws_json_get_array (inbox, "messages");
      for (guint i = printed; messages != NULL && i < json_array_get_length (messages); i++, printed++)
        {
          JsonNode *node = json_array_get_element (messages, i);
          JsonObject *message = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
          const char *to = message != NULL ? aws_json_get_string (message, "to") : NULL;
          const char *subject = message != NULL ? aws_json_get_string (message, "subject") : NULL;
          const char *body = message != NULL ? aws_json_get_string (message, "body") : NULL;

          if (message != NULL && g_strcmp0 (aws_json_get_string (message, "channel"), "sms") == 0)
            mill_cli_print_sms (self, to != NULL ? to : "", body != NULL ? body : "");
          else
            mill_cli_print_mail (self, to != NULL ? to : "", subject != NULL ? subject : "", body != NULL ? body : "");
        }
    }
  while (printed == 0 && g_get_monotonic_time () < end && !g_cancellable_is_cancelled (self->cancellable));
  return MILL_CLI_DONE;
}

/* Everything that a student does by hand besides building: for now, confirming subscriptions. */
static gboolean
confirm_all (MillCli         *self,
             MillDeployment  *deployment,
             GError         **error)
{
  GPtrArray *steps = mill_tutorial_get_steps (mill_deployment_get_tutorial (deployment));

  for (guint i = 0; i < steps->len; i++)
    {
      GPtrArray *actions = mill_step_get_actions (steps->pdata[i]);

      for (guint k = 0; k < actions->len; k++)
        {
          const MillAction *action = actions->pdata[k];
          g_autoptr (GAsyncResult) result = NULL;
          g_autoptr (JsonObject) answer = NULL;
          MillResource *resource;

          if (action->kind != MILL_ACTION_CONFIRM)
            continue;
          resource = mill_deployment_find_resource (deployment, action->resource);
          if (resource == NULL || *mill_resource_get_physical_id (resource) == '\0')
            continue;
          mill_engine_act_async (self->engine, deployment, action, NULL, self->cancellable, mill_cli_done, self);
          result = mill_cli_wait (self);
          answer = mill_engine_act_finish (self->engine, result, error);
          if (answer == NULL)
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
is_made (MillDeployment *deployment,
         const char     *logical_id)
{
  MillResource *resource = mill_deployment_find_resource (deployment, logical_id);

  return resource != NULL && *mill_resource_get_physical_id (resource) != '\0';
}

int
mill_cli_run (MillCli  *self,
              int       argc,
              char    **argv)
{
  g_auto (MillCliPlace) options = { 0 };
  g_autoptr (MillDeployment) deployment = NULL;
  g_autoptr (GPtrArray) samples = g_ptr_array_new ();
  g_autoptr (GPtrArray) bodies = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  int status = MILL_CLI_DONE;
  GPtrArray *all;

  if (!parse_deploy (self, &argc, &argv, &options))
    return MILL_CLI_USAGE;
  if (mill_catalog_find (self->catalog, argv[1]) != NULL && !check_until (mill_catalog_find (self->catalog, argv[1]), options.until, &error))
    return mill_cli_fail (self, error);
  deployment = mill_cli_create (self, argv[1], &options, &error);
  if (deployment == NULL)
    return error != NULL ? mill_cli_fail (self, error) : MILL_CLI_DONE;
  mill_cli_print_deployment (self, deployment);
  if (!mill_cli_build (self, deployment, options.until, &error) || !confirm_all (self, deployment, &error))
    status = mill_cli_fail (self, error);
  else
    status = check (self, deployment);
  all = mill_tutorial_get_samples (mill_deployment_get_tutorial (deployment));
  /* One after the other, so that each can be read as a story. */
  for (guint i = 0; status == MILL_CLI_DONE && i < all->len; i++)
    {
      MillSample *sample = all->pdata[i];

      if (!is_made (deployment, sample->stage))
        continue;
      g_ptr_array_set_size (samples, 0);
      g_ptr_array_set_size (bodies, 0);
      g_ptr_array_add (samples, sample);
      g_ptr_array_add (bodies, (char *) sample->body);
      if (!mill_cli_send_all (self, deployment, samples, bodies, MILL_WATCH_AUTO, &error))
        status = error != NULL ? mill_cli_fail (self, error) : MILL_CLI_FAILED;
    }
  g_clear_error (&error);
  /* What was made goes, whatever happened, also after Ctrl+C. */
  g_cancellable_reset (self->cancellable);
  if (!mill_cli_take_down (self, deployment, NULL, &error))
    status = error != NULL ? mill_cli_fail (self, error) : MILL_CLI_FAILED;
  return status;
}
