/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-runtime-worker-private.h"

#include <string.h>

#include "practice-json.h"

#define RUNTIME_API_PREFIX "_aws/lambda-runtime/"
#define CPU_SECONDS 7200

static void
set_variable (JsonObject *environment,
              const char *name,
              const char *value)
{
  if (value != NULL)
    json_object_set_string_member (environment, name, value);
}

static JsonObject *
make_environment (PracticeWorker   *self,
                  PracticeFunction *function,
                  const char       *task)
{
  JsonObject *environment = json_object_new ();
  g_autoptr (JsonObject) variables = function->environment != NULL ? practice_json_parse_object (function->environment, -1, NULL) : NULL;
  g_autofree char *memory = g_strdup_printf ("%" G_GINT64_FORMAT, function->memory);
  g_autofree char *group = g_strconcat ("/aws/lambda/", function->name, NULL);
  g_autofree char *execution = g_strconcat ("AWS_Lambda_", function->runtime, NULL);
  g_autofree char *api = g_strdup_printf ("127.0.0.1:%u/" RUNTIME_API_PREFIX "%s", practice_server_get_port (self->server), self->token);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (variables != NULL) {
    json_object_iter_init (&iter, variables);
    while (json_object_iter_next (&iter, &name, &value))
      set_variable (environment, name, json_node_get_string (value));
  }
  set_variable (environment, "_HANDLER", function->handler);
  set_variable (environment, "AWS_ACCESS_KEY_ID", aws_credentials_get_access_key_id (self->credentials));
  set_variable (environment, "AWS_SECRET_ACCESS_KEY", aws_credentials_get_secret (self->credentials));
  set_variable (environment, "AWS_SESSION_TOKEN", aws_credentials_get_session_token (self->credentials));
  set_variable (environment, "AWS_REGION", function->region);
  set_variable (environment, "AWS_DEFAULT_REGION", function->region);
  set_variable (environment, "AWS_ENDPOINT_URL", practice_server_get_url (self->server));
  set_variable (environment, "AWS_EC2_METADATA_DISABLED", "true");
  set_variable (environment, "AWS_EXECUTION_ENV", execution);
  set_variable (environment, "AWS_LAMBDA_FUNCTION_NAME", function->name);
  set_variable (environment, "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
  set_variable (environment, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory);
  set_variable (environment, "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
  set_variable (environment, "AWS_LAMBDA_LOG_GROUP_NAME", group);
  set_variable (environment, "AWS_LAMBDA_LOG_STREAM_NAME", practice_runtime_log_get_stream (self->log));
  set_variable (environment, "AWS_LAMBDA_RUNTIME_API", api);
  set_variable (environment, "LAMBDA_TASK_ROOT", task);
  set_variable (environment, "LAMBDA_RUNTIME_DIR", "/var/runtime");
  set_variable (environment, "TZ", ":UTC");
  if (!json_object_has_member (environment, "LANG"))
    set_variable (environment, "LANG", "C.UTF-8");
  if (!json_object_has_member (environment, "PATH"))
    set_variable (environment, "PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin");
  if (!practice_sandbox_is_closed (self->sandbox))
    set_variable (environment, "HOME", self->directory);
  return environment;
}

static JsonArray *
make_path (PracticeWorker *self,
           const char     *task)
{
  static const char *const places[] = {
    "python", "python/lib/python3.8/site-packages", "python/lib/python3.9/site-packages", "python/lib/python3.10/site-packages",
    "python/lib/python3.11/site-packages", "python/lib/python3.12/site-packages", "python/lib/python3.13/site-packages",
    "python/lib/python3.14/site-packages",
  };
  g_autofree char *opt = practice_sandbox_get_opt (self->sandbox, self->directory);
  JsonArray *path = json_array_new ();

  json_array_add_string_element (path, task);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autofree char *real = g_build_filename (self->directory, "opt", places[i], NULL);
    g_autofree char *seen = g_build_filename (opt, places[i], NULL);

    if (g_file_test (real, G_FILE_TEST_IS_DIR))
      json_array_add_string_element (path, seen);
  }
  return path;
}

void
practice_worker_send_order (PracticeWorker   *self,
                            PracticeFunction *function)
{
  g_autoptr (JsonObject) order = json_object_new ();
  JsonObject *limits = json_object_new ();
  g_autofree char *task = practice_sandbox_get_task (self->sandbox, self->directory);
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  json_object_set_object_member (order, "environment", make_environment (self, function, task));
  json_object_set_array_member (order, "path", make_path (self, task));
  json_object_set_string_member (order, "directory", task);
  json_object_set_string_member (order, "handler", function->handler);
  json_object_set_int_member (limits, "memory", function->memory);
  json_object_set_int_member (limits, "file", practice_sandbox_get_tmp_bytes (self->sandbox));
  json_object_set_int_member (limits, "cpu", CPU_SECONDS);
  json_object_set_int_member (limits, "processes", practice_sandbox_get_processes (self->sandbox));
  json_object_set_object_member (order, "limits", limits);
  text = practice_json_object_to_text (order);
  line = g_strconcat (text, "\n", NULL);
  /* A few KiB into an empty socket buffer: it does not block. */
  g_socket_set_blocking (self->control, TRUE);
  if (g_socket_send (self->control, line, strlen (line), NULL, NULL) < 0)
    practice_worker_kill (self);
  g_socket_set_blocking (self->control, FALSE);
}
