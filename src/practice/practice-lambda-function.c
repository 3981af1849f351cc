/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-function.h"

#include "practice-json.h"

static const char *const schema =
  "CREATE TABLE IF NOT EXISTS lambda_function ("
  "  arn TEXT PRIMARY KEY, name TEXT NOT NULL, region TEXT NOT NULL, role TEXT NOT NULL, runtime TEXT NOT NULL, handler TEXT NOT NULL,"
  "  description TEXT NOT NULL, timeout INTEGER NOT NULL, memory INTEGER NOT NULL, storage INTEGER NOT NULL, environment TEXT, layers TEXT NOT NULL,"
  "  architecture TEXT NOT NULL, tracing TEXT NOT NULL, code_sha TEXT NOT NULL, code_size INTEGER NOT NULL, state TEXT NOT NULL,"
  "  update_status TEXT NOT NULL, last_modified TEXT NOT NULL, revision TEXT NOT NULL, policy TEXT, policy_revision TEXT, tags TEXT NOT NULL,"
  "  concurrency INTEGER NOT NULL);"
  "CREATE TABLE IF NOT EXISTS lambda_code (arn TEXT PRIMARY KEY, zip BLOB NOT NULL);"
  "CREATE TABLE IF NOT EXISTS lambda_layer (arn TEXT PRIMARY KEY, region TEXT NOT NULL, name TEXT NOT NULL, last INTEGER NOT NULL);"
  /* A deleted version stays as long as a function has it. */
  "CREATE TABLE IF NOT EXISTS lambda_layer_version ("
  "  arn TEXT PRIMARY KEY, layer TEXT NOT NULL REFERENCES lambda_layer (arn), version INTEGER NOT NULL, created TEXT NOT NULL, description TEXT,"
  "  license TEXT, runtimes TEXT NOT NULL, architectures TEXT NOT NULL, code_sha TEXT NOT NULL, zip BLOB NOT NULL, deleted INTEGER NOT NULL DEFAULT 0);";

void
practice_function_create_tables (PracticeStore *store)
{
  practice_store_exec (store, schema);
}

char *
practice_function_now (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *seconds = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%03d+0000", seconds, g_date_time_get_microsecond (now) / 1000);
}

PracticeFunction *
practice_function_new (void)
{
  PracticeFunction *self = g_new0 (PracticeFunction, 1);

  self->timeout = 3;
  self->memory = 128;
  self->storage = 512;
  self->concurrency = -1;
  self->description = g_strdup ("");
  self->layers = g_strdup ("[]");
  self->architecture = g_strdup ("x86_64");
  self->tracing = g_strdup ("PassThrough");
  self->state = g_strdup ("Pending");
  self->update_status = g_strdup ("Successful");
  self->tags = g_strdup ("{}");
  return self;
}

static char *
dup_text (sqlite3_stmt *row,
          int           column)
{
  return g_strdup ((const char *) sqlite3_column_text (row, column));
}

PracticeFunction *
practice_function_load (PracticeStore *store,
                        const char    *arn)
{
  sqlite3_stmt *row = practice_store_prepare (store,
                                              "SELECT arn, name, region, role, runtime, handler, description, timeout, memory, storage, environment,"
                                              "  layers, architecture, tracing, code_sha, code_size, state, update_status, last_modified, revision,"
                                              "  policy, policy_revision, tags, concurrency FROM lambda_function WHERE arn = ?", "s", arn);
  PracticeFunction *self = NULL;

  if (sqlite3_step (row) == SQLITE_ROW) {
    self = g_new0 (PracticeFunction, 1);
    self->arn = dup_text (row, 0);
    self->name = dup_text (row, 1);
    self->region = dup_text (row, 2);
    self->role = dup_text (row, 3);
    self->runtime = dup_text (row, 4);
    self->handler = dup_text (row, 5);
    self->description = dup_text (row, 6);
    self->timeout = sqlite3_column_int64 (row, 7);
    self->memory = sqlite3_column_int64 (row, 8);
    self->storage = sqlite3_column_int64 (row, 9);
    self->environment = dup_text (row, 10);
    self->layers = dup_text (row, 11);
    self->architecture = dup_text (row, 12);
    self->tracing = dup_text (row, 13);
    self->code_sha = dup_text (row, 14);
    self->code_size = sqlite3_column_int64 (row, 15);
    self->state = dup_text (row, 16);
    self->update_status = dup_text (row, 17);
    self->last_modified = dup_text (row, 18);
    self->revision = dup_text (row, 19);
    self->policy = dup_text (row, 20);
    self->policy_revision = dup_text (row, 21);
    self->tags = dup_text (row, 22);
    self->concurrency = sqlite3_column_int64 (row, 23);
  }
  sqlite3_reset (row);
  return self;
}

void
practice_function_save (PracticeFunction *self,
                        PracticeStore    *store)
{
  practice_store_run (store,
                      "INSERT OR REPLACE INTO lambda_function (arn, name, region, role, runtime, handler, description, timeout, memory, storage,"
                      "  environment, layers, architecture, tracing, code_sha, code_size, state, update_status, last_modified, revision, policy,"
                      "  policy_revision, tags, concurrency) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      "sssssssiiisssssisssssssi", self->arn, self->name, self->region, self->role, self->runtime, self->handler, self->description,
                      self->timeout, self->memory, self->storage, self->environment, self->layers, self->architecture, self->tracing, self->code_sha,
                      self->code_size, self->state, self->update_status, self->last_modified, self->revision, self->policy, self->policy_revision,
                      self->tags, self->concurrency);
}

void
practice_function_free (PracticeFunction *self)
{
  g_free (self->arn);
  g_free (self->name);
  g_free (self->region);
  g_free (self->role);
  g_free (self->runtime);
  g_free (self->handler);
  g_free (self->description);
  g_free (self->environment);
  g_free (self->layers);
  g_free (self->architecture);
  g_free (self->tracing);
  g_free (self->code_sha);
  g_free (self->state);
  g_free (self->update_status);
  g_free (self->last_modified);
  g_free (self->revision);
  g_free (self->policy);
  g_free (self->policy_revision);
  g_free (self->tags);
  g_free (self);
}

void
practice_function_touch (PracticeFunction *self)
{
  g_free (self->revision);
  self->revision = g_uuid_string_random ();
  g_free (self->last_modified);
  self->last_modified = practice_function_now ();
}

static void
describe_layers (PracticeFunction *self,
                 JsonObject       *result)
{
  g_autoptr (JsonNode) layers = practice_json_parse (self->layers, -1, NULL);

  if (layers != NULL && JSON_NODE_HOLDS_ARRAY (layers) && json_array_get_length (json_node_get_array (layers)) > 0)
    json_object_set_member (result, "Layers", g_steal_pointer (&layers));
}

static void
set_object (JsonObject *result,
            const char *name,
            const char *member,
            const char *value)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, member, value);
  json_object_set_object_member (result, name, object);
}

static void
describe_state (PracticeFunction *self,
                JsonObject       *result)
{
  gboolean pending = g_str_equal (self->state, "Pending");
  gboolean updating = g_str_equal (self->update_status, "InProgress");

  json_object_set_string_member (result, "State", self->state);
  if (pending) {
    json_object_set_string_member (result, "StateReason", "The function is being created.");
    json_object_set_string_member (result, "StateReasonCode", "Creating");
  } else {
    json_object_set_string_member (result, "LastUpdateStatus", self->update_status);
    if (updating) {
      json_object_set_string_member (result, "LastUpdateStatusReason", "The function is being created.");
      json_object_set_string_member (result, "LastUpdateStatusReasonCode", "Creating");
    }
  }
}

JsonObject *
practice_function_describe (PracticeFunction *self)
{
  JsonObject *result = json_object_new ();
  JsonObject *storage = json_object_new ();
  JsonObject *logging = json_object_new ();
  JsonArray *architectures = json_array_new ();
  g_autofree char *group = g_strconcat ("/aws/lambda/", self->name, NULL);

  json_object_set_string_member (result, "FunctionName", self->name);
  json_object_set_string_member (result, "FunctionArn", self->arn);
  json_object_set_string_member (result, "Runtime", self->runtime);
  json_object_set_string_member (result, "Role", self->role);
  json_object_set_string_member (result, "Handler", self->handler);
  json_object_set_int_member (result, "CodeSize", self->code_size);
  json_object_set_string_member (result, "Description", self->description);
  json_object_set_int_member (result, "Timeout", self->timeout);
  json_object_set_int_member (result, "MemorySize", self->memory);
  json_object_set_string_member (result, "LastModified", self->last_modified);
  json_object_set_string_member (result, "CodeSha256", self->code_sha);
  json_object_set_string_member (result, "Version", "$LATEST");
  set_object (result, "TracingConfig", "Mode", self->tracing);
  json_object_set_string_member (result, "RevisionId", self->revision);
  describe_layers (self, result);
  describe_state (self, result);
  json_object_set_string_member (result, "PackageType", "Zip");
  json_array_add_string_element (architectures, self->architecture);
  json_object_set_array_member (result, "Architectures", architectures);
  json_object_set_int_member (storage, "Size", self->storage);
  json_object_set_object_member (result, "EphemeralStorage", storage);
  set_object (result, "SnapStart", "ApplyOn", "None");
  json_object_set_string_member (json_object_get_object_member (result, "SnapStart"), "OptimizationStatus", "Off");
  set_object (result, "RuntimeVersionConfig", "RuntimeVersionArn",
              "arn:aws:lambda:us-east-1::runtime:0000000000000000000000000000000000000000000000000000000000000000");
  json_object_set_string_member (logging, "LogFormat", "Text");
  json_object_set_string_member (logging, "LogGroup", group);
  json_object_set_object_member (result, "LoggingConfig", logging);
  if (self->environment != NULL) {
    JsonObject *environment = json_object_new ();
    JsonObject *variables = practice_json_parse_object (self->environment, -1, NULL);

    json_object_set_object_member (environment, "Variables", variables != NULL ? variables : json_object_new ());
    json_object_set_object_member (result, "Environment", environment);
  }
  return result;
}

GBytes *
practice_function_load_code (PracticeStore *store,
                             const char    *arn)
{
  sqlite3_stmt *row = practice_store_prepare (store, "SELECT zip FROM lambda_code WHERE arn = ?", "s", arn);
  GBytes *code = NULL;

  if (sqlite3_step (row) == SQLITE_ROW)
    code = g_bytes_new (sqlite3_column_blob (row, 0), (gsize) sqlite3_column_bytes (row, 0));
  sqlite3_reset (row);
  return code != NULL ? code : g_bytes_new_static ("", 0);
}

void
practice_function_save_code (PracticeStore *store,
                             const char    *arn,
                             GBytes        *code)
{
  practice_store_run (store, "INSERT OR REPLACE INTO lambda_code (arn, zip) VALUES (?, ?)", "sb", arn, code);
}

GPtrArray *
practice_function_load_layers (PracticeFunction *self,
                               PracticeStore    *store)
{
  GPtrArray *zips = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (JsonNode) layers = practice_json_parse (self->layers, -1, NULL);
  JsonArray *list = layers != NULL && JSON_NODE_HOLDS_ARRAY (layers) ? json_node_get_array (layers) : NULL;

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++) {
    const char *arn = practice_json_get_string (json_array_get_object_element (list, i), "Arn");
    sqlite3_stmt *row = practice_store_prepare (store, "SELECT zip FROM lambda_layer_version WHERE arn = ?", "s", arn);

    if (sqlite3_step (row) == SQLITE_ROW)
      g_ptr_array_add (zips, g_bytes_new (sqlite3_column_blob (row, 0), (gsize) sqlite3_column_bytes (row, 0)));
    sqlite3_reset (row);
  }
  return zips;
}
