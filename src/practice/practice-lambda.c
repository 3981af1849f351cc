/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-private.h"

#include <stdarg.h>
#include <string.h>

#include "practice-mapping.h"
#include "practice-services.h"

#define DATA_KEY "practice-lambda"
/* How long an update is in progress. On AWS seconds; here long enough to be seen. */
#define UPDATE_MS 150
#define FUNCTION_PATTERN \
  "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?" \
  "([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?"
#define INVOKE_PATTERN \
  "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?" \
  "([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"

/* A change that becomes complete a moment later. */
typedef struct {
  PracticeLambda *lambda;
  char           *arn;
} Settling;

static void
settling_free (gpointer data)
{
  Settling *settling = data;

  g_free (settling->arn);
  g_free (settling);
}

static gboolean
settle (gpointer data)
{
  Settling *settling = data;
  PracticeLambda *self = settling->lambda;
  PracticeStore *store = practice_server_get_store (self->server);
  g_autofree char *arn = g_strdup (settling->arn);

  practice_store_begin (store);
  practice_store_run (store, "UPDATE lambda_function SET state = 'Active', update_status = 'Successful' WHERE arn = ?", "s", arn);
  practice_store_commit (store, NULL);
  g_hash_table_remove (self->timers, arn);
  practice_runtime_update (self->runtime, arn);
  return G_SOURCE_REMOVE;
}

void
practice_lambda_settle_later (PracticeLambda *self,
                              const char     *arn,
                              guint           milliseconds)
{
  Settling *settling = g_new0 (Settling, 1);
  gpointer old = g_hash_table_lookup (self->timers, arn);

  settling->lambda = self;
  settling->arn = g_strdup (arn);
  if (old != NULL)
    g_source_remove (GPOINTER_TO_UINT (old));
  g_hash_table_insert (self->timers, g_strdup (arn),
                       GUINT_TO_POINTER (g_timeout_add_full (G_PRIORITY_DEFAULT, milliseconds, settle, settling, settling_free)));
}

void
practice_lambda_fail (PracticeCall *call,
                      guint         status,
                      const char   *code,
                      const char   *format,
                      ...)
{
  JsonObject *members = NULL;
  g_autofree char *message = NULL;
  va_list arguments;

  if (practice_call_is_answered (call))
    return;
  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (!g_str_equal (code, "ValidationException")) {
    members = json_object_new ();
    json_object_set_string_member (members, "Type", "User");
  }
  practice_call_fail_full (call, status, code, NULL, members, message);
}

void
practice_lambda_fail_constraint (PracticeCall *call,
                                 const char   *value,
                                 const char   *name,
                                 const char   *constraint)
{
  if (value != NULL)
    practice_lambda_fail (call, 400, "ValidationException", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s",
                          value, name, constraint);
  else
    practice_lambda_fail (call, 400, "ValidationException", "1 validation error detected: Value null at '%s' failed to satisfy constraint: %s",
                          name, constraint);
}

static char *
make_arn (PracticeCall *call,
          const char   *name)
{
  return g_strdup_printf ("arn:aws:lambda:%s:%s:function:%s", practice_call_get_region (call), practice_call_get_account (call), name);
}

char *
practice_lambda_resolve (PracticeCall *call,
                         const char   *name)
{
  static GRegex *regex = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *region = NULL;
  g_autofree char *account = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *qualifier = NULL;
  gboolean invoke = g_str_equal (practice_call_get_operation (call), "Invoke");
  char *arn = NULL;

  if (practice_call_is_answered (call))
    return NULL;
  if (regex == NULL)
    regex = g_regex_new ("^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:(?<region>[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\\d):)?(?:(?<account>\\d{12}):)?"
                         "(?:function:)?(?<name>[a-zA-Z0-9-_]+)(?::(?<qualifier>\\$LATEST|[a-zA-Z0-9-_]+))?$", 0, 0, NULL);
  if (name == NULL) {
    practice_lambda_fail_constraint (call, NULL, "functionName", "Member must not be null");
    return NULL;
  }
  if (strlen (name) > 170 || !g_regex_match (regex, name, 0, &match)) {
    practice_lambda_fail_constraint (call, name, "functionName", invoke ? "Member must satisfy regular expression pattern: " INVOKE_PATTERN
                                                                        : "Member must satisfy regular expression pattern: " FUNCTION_PATTERN);
    return NULL;
  }
  region = g_match_info_fetch_named (match, "region");
  account = g_match_info_fetch_named (match, "account");
  plain = g_match_info_fetch_named (match, "name");
  qualifier = g_match_info_fetch_named (match, "qualifier");
  if (strlen (plain) > 64) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException",
                          "1 validation error detected: Value '%s' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64",
                          plain);
    return NULL;
  }
  if (region != NULL && *region != '\0' && !g_str_equal (region, practice_call_get_region (call))) {
    practice_lambda_fail (call, 404, "ResourceNotFoundException", "Functions from '%s' are not reachable in this region ('%s')",
                          region, practice_call_get_region (call));
    return NULL;
  }
  if (account != NULL && *account != '\0' && !g_str_equal (account, practice_call_get_account (call))) {
    practice_lambda_fail (call, 403, "AccessDeniedException", "User: %s is not authorized to perform: lambda:%s on resource: %s",
                          practice_call_get_principal (call)->arn, practice_call_get_operation (call), name);
    return NULL;
  }
  arn = make_arn (call, plain);
  if (qualifier != NULL && *qualifier != '\0' && !g_str_equal (qualifier, "$LATEST")) {
    practice_lambda_fail (call, 404, "ResourceNotFoundException", "Function not found: %s:%s", arn, qualifier);
    g_clear_pointer (&arn, g_free);
  }
  return arn;
}

PracticeFunction *
practice_lambda_find (PracticeCall *call,
                      const char   *action)
{
  g_autofree char *arn = practice_lambda_resolve (call, practice_call_get_string (call, "FunctionName"));
  const char *qualifier = practice_call_get_string (call, "Qualifier");
  g_autoptr (PracticeFunction) function = NULL;

  if (arn == NULL || practice_call_is_answered (call))
    return NULL;
  function = practice_function_load (practice_server_get_store (practice_call_get_server (call)), arn);
  if (!practice_call_allow (call, action, arn, function != NULL ? function->policy : NULL, NULL))
    return NULL;
  if (qualifier != NULL && !g_str_equal (qualifier, "$LATEST")) {
    practice_lambda_fail (call, 404, "ResourceNotFoundException", "Function not found: %s:%s", arn, qualifier);
    return NULL;
  }
  if (function == NULL)
    practice_lambda_fail (call, 404, "ResourceNotFoundException", "Function not found: %s", arn);
  return g_steal_pointer (&function);
}

gboolean
practice_lambda_is_settled (PracticeCall     *call,
                            PracticeFunction *function)
{
  if (g_str_equal (function->state, "Pending"))
    practice_lambda_fail (call, 409, "ResourceConflictException",
                          "The operation cannot be performed at this time. The function is currently in the following state: Pending");
  else if (g_str_equal (function->update_status, "InProgress"))
    practice_lambda_fail (call, 409, "ResourceConflictException",
                          "The operation cannot be performed at this time. An update is in progress for resource: %s", function->arn);
  return !practice_call_is_answered (call);
}

void
practice_lambda_emit (PracticeLambda   *self,
                      const char       *kind,
                      PracticeFunction *function)
{
  practice_events_emit_strings (practice_server_get_events (self->server), kind, "arn", function->arn, "type", "AWS::Lambda::Function",
                                "name", function->name, "region", function->region, NULL);
}

void
practice_lambda_change (PracticeLambda   *self,
                        PracticeFunction *function)
{
  practice_function_touch (function);
  g_free (function->update_status);
  function->update_status = g_strdup ("InProgress");
  practice_function_save (function, practice_server_get_store (self->server));
  practice_lambda_settle_later (self, function->arn, UPDATE_MS);
  practice_runtime_update (self->runtime, function->arn);
  practice_lambda_emit (self, "resource-updated", function);
}

static void
serve_download (PracticeCall *call,
                const char   *method,
                const char   *path,
                const char   *query,
                gpointer      data)
{
  PracticeLambda *self = data;
  const char *arn = g_hash_table_lookup (self->downloads, path);
  g_autoptr (GBytes) code = NULL;

  if (arn == NULL || !g_str_equal (method, "GET")) {
    practice_call_fail (call, 403, "AccessDenied", "Request has expired");
    return;
  }
  code = practice_function_load_code (practice_server_get_store (self->server), arn);
  practice_call_return_full (call, 200, NULL, code, "application/zip", NULL);
}

static const PracticeOperation operations[] = {
  { "CreateFunction", "POST /2015-03-31/functions", practice_lambda_create_function },
  { "ListFunctions", "GET /2015-03-31/functions", practice_lambda_list_functions },
  { "GetFunction", "GET /2015-03-31/functions/{FunctionName}", practice_lambda_get_function },
  { "DeleteFunction", "DELETE /2015-03-31/functions/{FunctionName}", practice_lambda_delete_function },
  { "GetFunctionConfiguration", "GET /2015-03-31/functions/{FunctionName}/configuration", practice_lambda_get_function_configuration },
  { "UpdateFunctionConfiguration", "PUT /2015-03-31/functions/{FunctionName}/configuration", practice_lambda_update_function_configuration },
  { "UpdateFunctionCode", "PUT /2015-03-31/functions/{FunctionName}/code", practice_lambda_update_function_code },
  { "Invoke", "POST /2015-03-31/functions/{FunctionName}/invocations", practice_lambda_invoke_call, .payload = TRUE },
  { "AddPermission", "POST /2015-03-31/functions/{FunctionName}/policy", practice_lambda_add_permission },
  { "GetPolicy", "GET /2015-03-31/functions/{FunctionName}/policy", practice_lambda_get_policy },
  { "RemovePermission", "DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId}", practice_lambda_remove_permission },
  { "PutFunctionConcurrency", "PUT /2017-10-31/functions/{FunctionName}/concurrency", practice_lambda_put_function_concurrency },
  { "DeleteFunctionConcurrency", "DELETE /2017-10-31/functions/{FunctionName}/concurrency", practice_lambda_delete_function_concurrency },
  { "GetFunctionConcurrency", "GET /2019-09-30/functions/{FunctionName}/concurrency", practice_lambda_get_function_concurrency },
  { "GetAccountSettings", "GET /2016-08-19/account-settings", practice_lambda_get_account_settings },
  { "TagResource", "POST /2017-03-31/tags/{Resource+}", practice_lambda_tag_resource },
  { "UntagResource", "DELETE /2017-03-31/tags/{Resource+}", practice_lambda_untag_resource },
  { "ListTags", "GET /2017-03-31/tags/{Resource+}", practice_lambda_list_tags },
  { "PublishLayerVersion", "POST /2018-10-31/layers/{LayerName}/versions", practice_lambda_publish_layer_version },
  { "ListLayerVersions", "GET /2018-10-31/layers/{LayerName}/versions", practice_lambda_list_layer_versions },
  { "GetLayerVersion", "GET /2018-10-31/layers/{LayerName}/versions/{VersionNumber}", practice_lambda_get_layer_version },
  { "DeleteLayerVersion", "DELETE /2018-10-31/layers/{LayerName}/versions/{VersionNumber}", practice_lambda_delete_layer_version },
  { "ListLayers", "GET /2018-10-31/layers", practice_lambda_list_layers },
  { "CreateEventSourceMapping", "POST /2015-03-31/event-source-mappings", practice_mapping_create },
  { "ListEventSourceMappings", "GET /2015-03-31/event-source-mappings", practice_mapping_list },
  { "GetEventSourceMapping", "GET /2015-03-31/event-source-mappings/{UUID}", practice_mapping_get },
  { "UpdateEventSourceMapping", "PUT /2015-03-31/event-source-mappings/{UUID}", practice_mapping_update },
  { "DeleteEventSourceMapping", "DELETE /2015-03-31/event-source-mappings/{UUID}", practice_mapping_delete },
  { NULL },
};

static const PracticeService lambda_service = {
  .name = "lambda",
  .protocol = PRACTICE_PROTOCOL_REST_JSON,
  .denied_status = 403,
  .denied_code = "AccessDeniedException",
  .operations = operations,
};

static void
remove_source (gpointer data)
{
  g_source_remove (GPOINTER_TO_UINT (data));
}

static void
lambda_free (gpointer data)
{
  PracticeLambda *self = data;
  GHashTableIter iter;
  gpointer timer = NULL;

  g_hash_table_iter_init (&iter, self->timers);
  while (g_hash_table_iter_next (&iter, NULL, &timer))
    remove_source (timer);
  g_hash_table_unref (self->timers);
  g_hash_table_unref (self->downloads);
  practice_mappings_stop (self);
  practice_runtime_stop (self->runtime);
  practice_lambda_drop_retries (self);
  g_hash_table_unref (self->retries);
  g_object_unref (self->runtime);
  g_free (self);
}

PracticeLambda *
practice_lambda_get (PracticeServer *server)
{
  return g_object_get_data (G_OBJECT (server), DATA_KEY);
}

void
practice_lambda_start (PracticeServer *server)
{
  PracticeLambda *self = g_new0 (PracticeLambda, 1);
  PracticeStore *store = practice_server_get_store (server);

  self->server = server;
  self->runtime = practice_runtime_new (server);
  self->timers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->downloads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->retries = g_hash_table_new (NULL, NULL);
  g_object_set_data_full (G_OBJECT (server), DATA_KEY, self, lambda_free);
  practice_function_create_tables (store);
  /* What was under way when the practice cloud ended is done. */
  practice_store_exec (store, "UPDATE lambda_function SET state = 'Active', update_status = 'Successful'");
  practice_server_add_service (server, &lambda_service, self);
  practice_server_add_raw (server, PRACTICE_LAMBDA_DOWNLOADS, serve_download, self);
  practice_server_add_tagged (server, "lambda:function", practice_lambda_list_tagged, self);
  practice_mappings_start (self);
}
