/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-private.h"

void
practice_lambda_put_function_concurrency (PracticeCall *call,
                                          gpointer      service)
{
  PracticeLambda *self = service;
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:PutFunctionConcurrency");
  JsonObject *result = NULL;
  gint64 reserved = -1;

  if (function == NULL)
    return;
  if (!practice_call_get_int (call, "ReservedConcurrentExecutions", &reserved) || reserved < 0 || reserved > 900) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Specified ReservedConcurrentExecutions for function decreases account's "
                          "UnreservedConcurrentExecution below its minimum value of [100].");
    return;
  }
  function->concurrency = reserved;
  practice_function_save (function, practice_server_get_store (self->server));
  practice_runtime_update (self->runtime, function->arn);
  result = json_object_new ();
  json_object_set_int_member (result, "ReservedConcurrentExecutions", reserved);
  practice_call_return (call, result);
}

void
practice_lambda_delete_function_concurrency (PracticeCall *call,
                                             gpointer      service)
{
  PracticeLambda *self = service;
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:DeleteFunctionConcurrency");

  if (function == NULL)
    return;
  function->concurrency = -1;
  practice_function_save (function, practice_server_get_store (self->server));
  practice_runtime_update (self->runtime, function->arn);
  practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
}

void
practice_lambda_get_function_concurrency (PracticeCall *call,
                                          gpointer      service)
{
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:GetFunctionConcurrency");
  JsonObject *result = NULL;

  if (function == NULL)
    return;
  result = json_object_new ();
  if (function->concurrency >= 0)
    json_object_set_int_member (result, "ReservedConcurrentExecutions", function->concurrency);
  practice_call_return (call, result);
}

void
practice_lambda_get_account_settings (PracticeCall *call,
                                      gpointer      service)
{
  PracticeLambda *self = service;
  JsonObject *result = NULL;
  JsonObject *limit = NULL;
  JsonObject *usage = NULL;
  sqlite3_stmt *row;

  if (!practice_call_allow (call, "lambda:GetAccountSettings", "*", NULL, NULL))
    return;
  result = json_object_new ();
  limit = json_object_new ();
  usage = json_object_new ();
  json_object_set_int_member (limit, "TotalCodeSize", G_GINT64_CONSTANT (80530636800));
  json_object_set_int_member (limit, "CodeSizeUnzipped", 262144000);
  json_object_set_int_member (limit, "CodeSizeZipped", 52428800);
  json_object_set_int_member (limit, "ConcurrentExecutions", 1000);
  json_object_set_int_member (limit, "UnreservedConcurrentExecutions", 1000);
  row = practice_store_prepare (practice_server_get_store (self->server),
                                "SELECT count (*), coalesce (sum (code_size), 0) FROM lambda_function WHERE region = ?", "s", practice_call_get_region (call));
  if (sqlite3_step (row) == SQLITE_ROW) {
    json_object_set_int_member (usage, "FunctionCount", sqlite3_column_int64 (row, 0));
    json_object_set_int_member (usage, "TotalCodeSize", sqlite3_column_int64 (row, 1));
  }
  sqlite3_reset (row);
  json_object_set_object_member (result, "AccountLimit", limit);
  json_object_set_object_member (result, "AccountUsage", usage);
  practice_call_return (call, result);
}
