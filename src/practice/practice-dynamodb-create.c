/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-definition.h"
#include "practice-dynamodb-describe.h"
#include "practice-dynamodb-tags.h"
#include "practice-json.h"
#include "practice-streams-log.h"

static gboolean
read_indexes (JsonObject  *params,
              JsonObject  *definition,
              const char  *member,
              gboolean     global,
              gboolean     on_demand,
              GError     **error)
{
  JsonArray *given = NULL, *indexes;

  if (!practice_dynamodb_params_get_array (params, member, &given, error))
    return FALSE;
  if (given == NULL)
    return TRUE;
  if (json_array_get_length (given) == 0)
    return practice_dynamodb_invalid (error, "One or more parameter values were invalid: List of %s is empty", member);

  indexes = json_array_new ();
  json_object_set_array_member (definition, member, indexes);
  for (guint i = 0; i < json_array_get_length (given); i++) {
    JsonObject *element, *index;

    if (!practice_dynamodb_params_get_element (given, i, &element, error))
      return FALSE;
    index = practice_dynamodb_definition_read_index (element, global, on_demand, json_object_get_array_member (definition, "AttributeDefinitions"),
                                                     json_object_get_array_member (definition, "KeySchema"), error);
    if (index == NULL)
      return FALSE;
    json_array_add_object_element (indexes, index);
  }
  return TRUE;
}

/* What is kept only to be described. */
static gboolean
read_rest (JsonObject  *params,
           JsonObject  *definition,
           GError     **error)
{
  static const char *const classes[] = { "STANDARD", "STANDARD_INFREQUENT_ACCESS", NULL };
  g_autofree char *id = g_uuid_string_random ();
  JsonObject *encryption = NULL;
  gboolean protect = FALSE, encrypted = FALSE;
  int class = -1;

  if (!practice_dynamodb_params_get_choice (params, "TableClass", classes, &class, error) ||
      !practice_dynamodb_params_get_boolean (params, "DeletionProtectionEnabled", &protect, error) ||
      !practice_dynamodb_params_get_object (params, "SSESpecification", &encryption, error) ||
      (encryption != NULL && !practice_dynamodb_params_get_boolean (encryption, "Enabled", &encrypted, error)))
    return FALSE;

  json_object_set_string_member (definition, "TableId", id);
  json_object_set_boolean_member (definition, "DeletionProtectionEnabled", protect);
  if (class >= 0)
    json_object_set_string_member (definition, "TableClass", classes[class]);
  if (encrypted) {
    JsonObject *description = json_object_new ();

    json_object_set_string_member (description, "Status", "ENABLED");
    json_object_set_string_member (description, "SSEType", "KMS");
    json_object_set_object_member (definition, "SSEDescription", description);
  }
  return TRUE;
}

/* Returns: (transfer full): the definition that @params ask for */
static JsonObject *
read_definition (JsonObject  *params,
                 GError     **error)
{
  static const char *const modes[] = { "PROVISIONED", "PAY_PER_REQUEST", NULL };
  g_autoptr (JsonObject) definition = json_object_new ();
  JsonArray *attributes, *keys;
  JsonObject *throughput, *stream;
  gboolean on_demand, streaming;
  int mode = -1;

  if (!practice_dynamodb_params_get_choice (params, "BillingMode", modes, &mode, error))
    return NULL;
  on_demand = mode == 1;
  if (mode < 0 && !json_object_has_member (params, "ProvisionedThroughput")) {
    practice_dynamodb_invalid (error, "No provisioned throughput specified for the table");
    return NULL;
  }
  if (on_demand)
    json_object_set_string_member (definition, "BillingMode", "PAY_PER_REQUEST");

  attributes = practice_dynamodb_definition_read_attributes (params, error);
  if (attributes == NULL)
    return NULL;
  json_object_set_array_member (definition, "AttributeDefinitions", attributes);
  keys = practice_dynamodb_definition_read_keys (params, attributes, error);
  if (keys == NULL)
    return NULL;
  json_object_set_array_member (definition, "KeySchema", keys);

  if (!practice_dynamodb_definition_read_throughput (params, NULL, on_demand, &throughput, error))
    return NULL;
  if (throughput != NULL)
    json_object_set_object_member (definition, "ProvisionedThroughput", throughput);

  if (!read_indexes (params, definition, "LocalSecondaryIndexes", FALSE, on_demand, error) ||
      !read_indexes (params, definition, "GlobalSecondaryIndexes", TRUE, on_demand, error) ||
      !practice_dynamodb_definition_check_indexes (definition, error) ||
      !practice_dynamodb_definition_check_used (definition, error) ||
      !practice_dynamodb_definition_read_stream (params, &streaming, &stream, error))
    return NULL;
  if (stream != NULL)
    json_object_set_object_member (definition, "StreamSpecification", stream);

  if (!read_rest (params, definition, error))
    return NULL;
  return g_steal_pointer (&definition);
}

/* Every index gets its number. */
static void
number_indexes (PracticeDynamodb *self,
                JsonObject       *definition,
                gint64            table_id)
{
  static const char *const members[] = { "GlobalSecondaryIndexes", "LocalSecondaryIndexes" };

  for (guint m = 0; m < G_N_ELEMENTS (members); m++) {
    JsonArray *indexes = json_object_has_member (definition, members[m]) ? json_object_get_array_member (definition, members[m]) : NULL;

    for (guint i = 0; indexes != NULL && i < json_array_get_length (indexes); i++) {
      practice_store_run (self->store, "INSERT INTO dynamodb_index (table_id) VALUES (?)", "i", table_id);
      json_object_set_int_member (json_array_get_object_element (indexes, i), "IndexId", sqlite3_last_insert_rowid (practice_store_get_db (self->store)));
    }
  }
}

/* Writes the table to the store. Returns: (transfer full) */
static PracticeDynamodbTable *
store_table (PracticeDynamodb *self,
             PracticeCall     *call,
             const char       *name,
             JsonObject       *definition)
{
  double now = g_get_real_time () / 1000 / 1000.0;
  PracticeDynamodbTable *table;
  g_autofree char *text = NULL;
  gint64 id;

  practice_store_run (self->store, "INSERT INTO dynamodb_table (region, name, created, creating, definition, stream_id) VALUES (?, ?, ?, 1, '{}', 0)", "ssd",
                      practice_call_get_region (call), name, now);
  id = sqlite3_last_insert_rowid (practice_store_get_db (self->store));
  practice_store_run (self->store, "INSERT INTO dynamodb_count (table_id, items, bytes) VALUES (?, 0, 0)", "i", id);
  number_indexes (self, definition, id);
  text = practice_json_object_to_text (definition);

  table = practice_dynamodb_table_new (id, practice_call_get_region (call), practice_call_get_account (call), name, now, definition);
  table->creating = TRUE;
  if (json_object_has_member (definition, "StreamSpecification")) {
    table->stream_view = g_strdup (json_object_get_string_member (json_object_get_object_member (definition, "StreamSpecification"), "StreamViewType"));
    table->stream_id = practice_streams_log_open (self->server, table, table->stream_view, &table->stream_label);
  }
  practice_store_run (self->store, "UPDATE dynamodb_table SET definition = ?, stream_id = ?, stream_view = ?, stream_label = ? WHERE id = ?", "sissi",
                      text, table->stream_id, table->stream_view, table->stream_label, id);
  return table;
}

void
practice_dynamodb_create_table (PracticeCall *call,
                                gpointer      service)
{
  PracticeDynamodb *self = service;
  JsonObject *params = practice_call_get_params (call);
  g_autoptr (PracticeDynamodbTable) existing = NULL;
  g_autoptr (PracticeDynamodbTable) table = NULL;
  g_autoptr (JsonObject) definition = NULL;
  g_auto (GStrv) tags = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *arn = NULL;
  const char *name;
  JsonObject *result;

  if (!practice_dynamodb_params_need_string (params, "TableName", &name, &error) ||
      !practice_dynamodb_definition_check_name (name, &error) ||
      (definition = read_definition (params, &error)) == NULL ||
      (tags = practice_dynamodb_tags_read (params, &error)) == NULL) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  arn = practice_dynamodb_make_arn (call, name);
  if (!practice_call_allow (call, "dynamodb:CreateTable", arn, NULL, NULL) ||
      (tags[0] != NULL && !practice_call_allow (call, "dynamodb:TagResource", arn, NULL, NULL)))
    return;

  existing = practice_dynamodb_find_table (self, call, name);
  if (existing != NULL) {
    g_set_error (&error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_RESOURCE_IN_USE, "Table already exists: %s", name);
    practice_dynamodb_answer_error (call, error);
    return;
  }
  table = store_table (self, call, name, g_steal_pointer (&definition));
  if (!practice_dynamodb_tags_set (self, table->id, tags, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }

  practice_dynamodb_describe_event (self, table, "resource-created");
  result = json_object_new ();
  json_object_set_object_member (result, "TableDescription", practice_dynamodb_describe (self, table, "CREATING"));
  practice_call_return (call, result);
}
