/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-private.h"

#include <stdarg.h>
#include <string.h>

#include "practice-json.h"
#include "practice-mapping.h"
#include "practice-services.h"

#define DATA_KEY "practice-lambda"
#define DOWNLOAD_PREFIX "/_aws/lambda-code/"
/* How long a function is Pending, and an update in progress. On AWS seconds; here long enough to be seen. */
#define CREATE_MS 4
#define UPDATE_MS 150
#define MAX_DOWNLOADS 100
#define MAX_TAGS 50
#define PAGE 50
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

static void
settle_later (PracticeLambda *self,
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

static void
emit (PracticeLambda   *self,
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
  settle_later (self, function->arn, UPDATE_MS);
  practice_runtime_update (self->runtime, function->arn);
  emit (self, "resource-updated", function);
}

gboolean
practice_lambda_check_tags (PracticeCall *call,
                            JsonObject   *tags)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (practice_call_is_answered (call))
    return FALSE;
  if (tags == NULL)
    return TRUE;
  if (json_object_get_size (tags) > MAX_TAGS) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Number of tags exceeds resource tag limit.");
    return FALSE;
  }
  json_object_iter_init (&iter, tags);
  while (json_object_iter_next (&iter, &key, &value)) {
    const char *text = json_node_get_value_type (value) == G_TYPE_STRING ? json_node_get_string (value) : NULL;

    if (text == NULL || *key == '\0' || g_utf8_strlen (key, -1) > 128 || g_utf8_strlen (text, -1) > 256) {
      practice_lambda_fail (call, 400, "InvalidParameterValueException", "A tag has a key of 1 to 128 characters and a value of at most 256.");
      return FALSE;
    }
  }
  return TRUE;
}

static void
create_function (PracticeCall *call,
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
  settle_later (self, arn, CREATE_MS);
  practice_runtime_warm_up (self->runtime);
  emit (self, "resource-created", function);
  practice_call_return_full (call, 201, practice_function_describe (function), NULL, NULL, NULL);
}

static JsonObject *
describe_code (PracticeLambda   *self,
               PracticeFunction *function)
{
  JsonObject *code = json_object_new ();
  g_autofree char *token = g_uuid_string_random ();
  g_autofree char *location = g_strconcat (practice_server_get_url (self->server), DOWNLOAD_PREFIX, token, NULL);

  if (g_hash_table_size (self->downloads) >= MAX_DOWNLOADS)
    g_hash_table_remove_all (self->downloads);
  g_hash_table_insert (self->downloads, g_strdup (token), g_strdup (function->arn));
  json_object_set_string_member (code, "RepositoryType", "S3");
  json_object_set_string_member (code, "Location", location);
  return code;
}

static void
get_function (PracticeCall *call,
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

static void
get_function_configuration (PracticeCall *call,
                            gpointer      service)
{
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:GetFunctionConfiguration");

  if (function != NULL)
    practice_call_return (call, practice_function_describe (function));
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

static void
update_function_code (PracticeCall *call,
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

static void
update_function_configuration (PracticeCall *call,
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

static void
delete_function (PracticeCall *call,
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
  emit (self, "resource-deleted", function);
  practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
}

static void
list_functions (PracticeCall *call,
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

static void
get_account_settings (PracticeCall *call,
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

static void
put_function_concurrency (PracticeCall *call,
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

static void
delete_function_concurrency (PracticeCall *call,
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

static void
get_function_concurrency (PracticeCall *call,
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

/* The tags of what a call's Resource names, function or mapping; NULL after failing the call. @save: a text to write instead, or NULL. */
static JsonObject *
tags_of_resource (PracticeCall *call,
                  const char   *action,
                  const char  **arn)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  JsonObject *tags = NULL;
  sqlite3_stmt *row;
  gboolean found = FALSE;

  *arn = practice_call_get_string (call, "Resource");
  if (*arn == NULL || !g_str_has_prefix (*arn, "arn:aws:lambda:") ||
      (strstr (*arn, ":function:") == NULL && strstr (*arn, ":event-source-mapping:") == NULL)) {
    practice_lambda_fail_constraint (call, *arn, "resource", "Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}"
                                     "((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|"
                                     "code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})");
    return NULL;
  }
  if (!practice_call_allow (call, action, *arn, NULL, NULL))
    return NULL;
  row = practice_store_prepare (store, "SELECT tags FROM lambda_function WHERE arn = ?1 UNION ALL SELECT tags FROM lambda_mapping WHERE arn = ?1", "s", *arn);
  if (sqlite3_step (row) == SQLITE_ROW) {
    found = TRUE;
    tags = practice_json_parse_object ((const char *) sqlite3_column_text (row, 0), -1, NULL);
  }
  sqlite3_reset (row);
  if (!found) {
    practice_lambda_fail (call, 404, "ResourceNotFoundException", strstr (*arn, ":function:") != NULL ? "Function not found: %s" : "Event source mapping not found: %s",
                          *arn);
    return NULL;
  }
  return tags != NULL ? tags : json_object_new ();
}

static void
save_tags (PracticeCall *call,
           const char   *arn,
           JsonObject   *tags)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  g_autofree char *text = practice_json_object_to_text (tags);

  practice_store_run (store, "UPDATE lambda_function SET tags = ? WHERE arn = ?", "ss", text, arn);
  practice_store_run (store, "UPDATE lambda_mapping SET tags = ? WHERE arn = ?", "ss", text, arn);
  practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
}

static void
copy_members (JsonObject *from,
              JsonObject *to,
              GHashTable *without)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  json_object_iter_init (&iter, from);
  while (json_object_iter_next (&iter, &key, &value)) {
    if (without == NULL || !g_hash_table_contains (without, key))
      json_object_set_member (to, key, json_node_copy (value));
  }
}

static void
tag_resource (PracticeCall *call,
              gpointer      service)
{
  const char *arn = NULL;
  JsonObject *added = practice_call_get_object (call, "Tags");
  g_autoptr (JsonObject) tags = NULL;
  g_autoptr (JsonObject) merged = json_object_new ();

  if (practice_call_is_answered (call))
    return;
  if (added == NULL || json_object_get_size (added) == 0) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "An error occurred and the request cannot be processed.");
    return;
  }
  if (!practice_lambda_check_tags (call, added))
    return;
  tags = tags_of_resource (call, "lambda:TagResource", &arn);
  if (tags == NULL)
    return;
  copy_members (tags, merged, NULL);
  copy_members (added, merged, NULL);
  if (practice_lambda_check_tags (call, merged))
    save_tags (call, arn, merged);
}

static void
untag_resource (PracticeCall *call,
                gpointer      service)
{
  const char *arn = NULL;
  JsonArray *keys = practice_call_get_array (call, "tagKeys");
  g_autoptr (GHashTable) gone = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (JsonObject) tags = NULL;
  g_autoptr (JsonObject) left = json_object_new ();

  if (practice_call_is_answered (call))
    return;
  if (keys == NULL) {
    practice_lambda_fail_constraint (call, NULL, "tagKeys", "Member must not be null");
    return;
  }
  for (guint i = 0; i < json_array_get_length (keys); i++) {
    JsonNode *key = json_array_get_element (keys, i);

    if (json_node_get_value_type (key) == G_TYPE_STRING)
      g_hash_table_add (gone, (gpointer) json_node_get_string (key));
  }
  tags = tags_of_resource (call, "lambda:UntagResource", &arn);
  if (tags == NULL)
    return;
  copy_members (tags, left, gone);
  save_tags (call, arn, left);
}

static void
list_tags (PracticeCall *call,
           gpointer      service)
{
  const char *arn = NULL;
  JsonObject *tags = tags_of_resource (call, "lambda:ListTags", &arn);
  JsonObject *result = NULL;

  if (tags == NULL)
    return;
  result = json_object_new ();
  json_object_set_object_member (result, "Tags", tags);
  practice_call_return (call, result);
}

static void
list_tagged (JsonArray  *resources,
             const char *region,
             gpointer    data)
{
  PracticeLambda *self = data;
  sqlite3_stmt *rows = practice_store_prepare (practice_server_get_store (self->server),
                                               "SELECT arn, tags FROM lambda_function WHERE region = ?1 AND tags <> '{}'"
                                               "  UNION ALL SELECT arn, tags FROM lambda_mapping WHERE region = ?1 AND tags <> '{}'", "s", region);

  while (sqlite3_step (rows) == SQLITE_ROW) {
    g_autoptr (JsonObject) tags = practice_json_parse_object ((const char *) sqlite3_column_text (rows, 1), -1, NULL);
    JsonObject *resource = json_object_new ();
    JsonArray *list = json_array_new ();
    JsonObjectIter iter;
    const char *key;
    JsonNode *value;

    json_object_set_string_member (resource, "ResourceARN", (const char *) sqlite3_column_text (rows, 0));
    json_object_set_array_member (resource, "Tags", list);
    json_array_add_object_element (resources, resource);
    if (tags == NULL)
      continue;
    json_object_iter_init (&iter, tags);
    while (json_object_iter_next (&iter, &key, &value)) {
      JsonObject *tag = json_object_new ();

      json_object_set_string_member (tag, "Key", key);
      json_object_set_string_member (tag, "Value", json_node_get_string (value));
      json_array_add_object_element (list, tag);
    }
  }
  sqlite3_reset (rows);
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
  { "CreateFunction", "POST /2015-03-31/functions", create_function },
  { "ListFunctions", "GET /2015-03-31/functions", list_functions },
  { "GetFunction", "GET /2015-03-31/functions/{FunctionName}", get_function },
  { "DeleteFunction", "DELETE /2015-03-31/functions/{FunctionName}", delete_function },
  { "GetFunctionConfiguration", "GET /2015-03-31/functions/{FunctionName}/configuration", get_function_configuration },
  { "UpdateFunctionConfiguration", "PUT /2015-03-31/functions/{FunctionName}/configuration", update_function_configuration },
  { "UpdateFunctionCode", "PUT /2015-03-31/functions/{FunctionName}/code", update_function_code },
  { "Invoke", "POST /2015-03-31/functions/{FunctionName}/invocations", practice_lambda_invoke_call, .payload = TRUE },
  { "AddPermission", "POST /2015-03-31/functions/{FunctionName}/policy", practice_lambda_add_permission },
  { "GetPolicy", "GET /2015-03-31/functions/{FunctionName}/policy", practice_lambda_get_policy },
  { "RemovePermission", "DELETE /2015-03-31/functions/{FunctionName}/policy/{StatementId}", practice_lambda_remove_permission },
  { "PutFunctionConcurrency", "PUT /2017-10-31/functions/{FunctionName}/concurrency", put_function_concurrency },
  { "DeleteFunctionConcurrency", "DELETE /2017-10-31/functions/{FunctionName}/concurrency", delete_function_concurrency },
  { "GetFunctionConcurrency", "GET /2019-09-30/functions/{FunctionName}/concurrency", get_function_concurrency },
  { "GetAccountSettings", "GET /2016-08-19/account-settings", get_account_settings },
  { "TagResource", "POST /2017-03-31/tags/{Resource+}", tag_resource },
  { "UntagResource", "DELETE /2017-03-31/tags/{Resource+}", untag_resource },
  { "ListTags", "GET /2017-03-31/tags/{Resource+}", list_tags },
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
  practice_mapping_stop (self);
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
  practice_server_add_raw (server, DOWNLOAD_PREFIX, serve_download, self);
  practice_server_add_tagged (server, "lambda:function", list_tagged, self);
  practice_mapping_start (self);
}
