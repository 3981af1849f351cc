/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-private.h"

#include <string.h>

#include "practice-json.h"

/* How long a function is Pending. On AWS seconds; here long enough to be seen. */
#define CREATE_MS 4
#define MAX_DOWNLOADS 100
#define PAGE 50

static JsonObject *
describe_code (PracticeLambda   *self,
               PracticeFunction *function)
{
  JsonObject *code = json_object_new ();
  g_autofree char *token = g_uuid_string_random ();
  g_autofree char *location = g_strconcat (practice_server_get_url (self->server), PRACTICE_LAMBDA_DOWNLOADS, token, NULL);

  if (g_hash_table_size (self->downloads) >= MAX_DOWNLOADS)
    g_hash_table_remove_all (self->downloads);
  g_hash_table_insert (self->downloads, g_strdup (token), g_strdup (function->arn));
  json_object_set_string_member (code, "RepositoryType", "S3");
  json_object_set_string_member (code, "Location", location);
  return code;
}

static gboolean
check_revision (PracticeCall     *call,
                PracticeFunction *function)
{
  const char *revision = practice_call_get_string (call, "RevisionId");

  if (revision != NULL && !g_str_equal (revision, function->revision))
    practice_lambda_fail (call, 412, "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id. "
                          "Call the GetFunction/GetAlias API to retrieve the latest Revision Id");
  return !practice_call_is_answered (call);
}

void
practice_lambda_create_function (PracticeCall *call,
                                 gpointer      service)
{
  PracticeLambda *self = service;
  PracticeStore *store = practice_server_get_store (self->server);
  g_autofree char *arn = practice_lambda_resolve (call, practice_call_get_string (call, "FunctionName"));
  const char *package = practice_call_get_string (call, "PackageType");
  JsonObject *code_params = practice_call_get_object (call, "Code");
  JsonObject *tags = practice_call_get_object (call, "Tags");
  g_autoptr (PracticeFunction) function = NULL;
  g_autoptr (PracticeFunction) existing = NULL;
  g_autoptr (GBytes) zip = NULL;

  if (arn == NULL || !practice_call_allow (call, "lambda:CreateFunction", arn, NULL, NULL))
    return;
  if (package != NULL && !g_str_equal (package, "Zip")) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "The practice cloud runs functions from zip packages only (PackageType Zip).");
    return;
  }
  function = practice_function_new ();
  function->arn = g_strdup (arn);
  function->name = g_strdup (strrchr (arn, ':') + 1);
  function->region = g_strdup (practice_call_get_region (call));
  if (!practice_lambda_apply_settings (call, function, TRUE) || !practice_lambda_check_tags (call, tags))
    return;
  existing = practice_function_load (store, arn);
  if (existing != NULL) {
    practice_lambda_fail (call, 409, "ResourceConflictException", "Function already exist: %s", function->name);
    return;
  }
  zip = practice_lambda_get_zip (call, code_params, &function->code_sha);
  if (zip == NULL)
    return;
  function->code_size = (gint64) g_bytes_get_size (zip);
  if (tags != NULL) {
    g_free (function->tags);
    function->tags = practice_json_object_to_text (tags);
  }
  practice_function_touch (function);
  practice_function_save (function, store);
  practice_function_save_code (store, arn, zip);
  practice_lambda_settle_later (self, arn, CREATE_MS);
  practice_runtime_warm_up (self->runtime);
  practice_lambda_emit (self, "resource-created", function);
  practice_call_return_full (call, 201, practice_function_describe (function), NULL, NULL, NULL);
}

void
practice_lambda_get_function (PracticeCall *call,
                              gpointer      service)
{
  PracticeLambda *self = service;
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:GetFunction");
  JsonObject *result = NULL;
  g_autoptr (JsonObject) tags = NULL;

  if (function == NULL)
    return;
  result = json_object_new ();
  json_object_set_object_member (result, "Configuration", practice_function_describe (function));
  json_object_set_object_member (result, "Code", describe_code (self, function));
  tags = practice_json_parse_object (function->tags, -1, NULL);
  if (tags != NULL && json_object_get_size (tags) > 0)
    json_object_set_object_member (result, "Tags", g_steal_pointer (&tags));
  if (function->concurrency >= 0) {
    JsonObject *concurrency = json_object_new ();

    json_object_set_int_member (concurrency, "ReservedConcurrentExecutions", function->concurrency);
    json_object_set_object_member (result, "Concurrency", concurrency);
  }
  practice_call_return (call, result);
}

void
practice_lambda_get_function_configuration (PracticeCall *call,
                                            gpointer      service)
{
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:GetFunctionConfiguration");

  if (function != NULL)
    practice_call_return (call, practice_function_describe (function));
}

void
practice_lambda_update_function_code (PracticeCall *call,
                                      gpointer      service)
{
  PracticeLambda *self = service;
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:UpdateFunctionCode");
  g_autoptr (GBytes) zip = NULL;
  g_autofree char *sha = NULL;
  gboolean dry_run = FALSE;

  if (function == NULL || !practice_lambda_is_settled (call, function) || !check_revision (call, function))
    return;
  if (practice_call_get_string (call, "ImageUri") != NULL) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Please don't provide ImageUri when updating a function with packageType Zip.");
    return;
  }
  zip = practice_lambda_get_zip (call, practice_call_get_params (call), &sha);
  if (zip == NULL)
    return;
  practice_call_get_boolean (call, "DryRun", &dry_run);
  g_free (function->code_sha);
  function->code_sha = g_steal_pointer (&sha);
  function->code_size = (gint64) g_bytes_get_size (zip);
  if (!dry_run) {
    practice_function_save_code (practice_server_get_store (self->server), function->arn, zip);
    practice_lambda_change (self, function);
  }
  practice_call_return (call, practice_function_describe (function));
}

void
practice_lambda_update_function_configuration (PracticeCall *call,
                                               gpointer      service)
{
  PracticeLambda *self = service;
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:UpdateFunctionConfiguration");

  if (function == NULL || !practice_lambda_is_settled (call, function) || !check_revision (call, function) ||
      !practice_lambda_apply_settings (call, function, FALSE))
    return;
  practice_lambda_change (self, function);
  practice_lambda_drop_layers (practice_server_get_store (self->server));
  practice_call_return (call, practice_function_describe (function));
}

void
practice_lambda_delete_function (PracticeCall *call,
                                 gpointer      service)
{
  PracticeLambda *self = service;
  PracticeStore *store = practice_server_get_store (self->server);
  const char *qualifier = practice_call_get_string (call, "Qualifier");
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:DeleteFunction");
  gpointer timer;

  if (function == NULL)
    return;
  if (qualifier != NULL) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "$LATEST version cannot be deleted without deleting the function.");
    return;
  }
  practice_store_run (store, "DELETE FROM lambda_function WHERE arn = ?", "s", function->arn);
  practice_store_run (store, "DELETE FROM lambda_code WHERE arn = ?", "s", function->arn);
  practice_lambda_drop_layers (store);
  timer = g_hash_table_lookup (self->timers, function->arn);
  if (timer != NULL) {
    g_source_remove (GPOINTER_TO_UINT (timer));
    g_hash_table_remove (self->timers, function->arn);
  }
  practice_runtime_update (self->runtime, function->arn);
  practice_lambda_emit (self, "resource-deleted", function);
  practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
}

void
practice_lambda_list_functions (PracticeCall *call,
                                gpointer      service)
{
  PracticeLambda *self = service;
  PracticeStore *store = practice_server_get_store (self->server);
  const char *marker = practice_call_get_string (call, "Marker");
  const char *version = practice_call_get_string (call, "FunctionVersion");
  g_autoptr (GPtrArray) arns = g_ptr_array_new_with_free_func (g_free);
  gint64 limit = PAGE;
  JsonObject *result = NULL;
  JsonArray *functions = NULL;
  sqlite3_stmt *rows;

  practice_call_get_int (call, "MaxItems", &limit);
  if (practice_call_is_answered (call) || !practice_call_allow (call, "lambda:ListFunctions", "*", NULL, NULL))
    return;
  if (version != NULL && !g_str_equal (version, "ALL")) {
    practice_lambda_fail_constraint (call, version, "functionVersion", "Member must satisfy enum value set: [ALL]");
    return;
  }
  limit = CLAMP (limit, 1, PAGE);
  rows = practice_store_prepare (store, "SELECT arn FROM lambda_function WHERE region = ? AND name > ? ORDER BY name LIMIT ?", "ssi",
                                 practice_call_get_region (call), marker != NULL ? marker : "", limit + 1);
  while (sqlite3_step (rows) == SQLITE_ROW)
    g_ptr_array_add (arns, g_strdup ((const char *) sqlite3_column_text (rows, 0)));
  sqlite3_reset (rows);

  result = json_object_new ();
  functions = json_array_new ();
  for (guint i = 0; i < MIN (arns->len, (guint) limit); i++) {
    g_autoptr (PracticeFunction) function = practice_function_load (store, g_ptr_array_index (arns, i));
    JsonObject *description = practice_function_describe (function);

    /* Lists leave the states out (Lambda API reference, ListFunctions). */
    json_object_remove_member (description, "State");
    json_object_remove_member (description, "StateReason");
    json_object_remove_member (description, "StateReasonCode");
    json_object_remove_member (description, "LastUpdateStatus");
    json_object_remove_member (description, "LastUpdateStatusReason");
    json_object_remove_member (description, "LastUpdateStatusReasonCode");
    json_array_add_object_element (functions, description);
    if (i + 1 == limit && arns->len > limit)
      json_object_set_string_member (result, "NextMarker", function->name);
  }
  json_object_set_array_member (result, "Functions", functions);
  practice_call_return (call, result);
}
