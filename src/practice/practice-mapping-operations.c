/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-mapping-private.h"

#include <string.h>

#include "practice-json.h"
#include "practice-mapping.h"

#define UUID_PATTERN "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"

/* The mapping as the API shows it; NULL where there is none. */
static JsonObject *
describe (PracticeServer *server,
          const char     *uuid)
{
  sqlite3_stmt *row = practice_store_prepare (practice_server_get_store (server),
                                              "SELECT arn, source_arn, function_arn, config, state, modified, result FROM lambda_mapping WHERE uuid = ?", "s", uuid);
  JsonObject *result = NULL;
  g_autoptr (JsonObject) config = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (sqlite3_step (row) == SQLITE_ROW) {
    result = json_object_new ();
    json_object_set_string_member (result, "UUID", uuid);
    json_object_set_string_member (result, "EventSourceMappingArn", (const char *) sqlite3_column_text (row, 0));
    json_object_set_string_member (result, "EventSourceArn", (const char *) sqlite3_column_text (row, 1));
    json_object_set_string_member (result, "FunctionArn", (const char *) sqlite3_column_text (row, 2));
    config = practice_json_parse_object ((const char *) sqlite3_column_text (row, 3), -1, NULL);
    json_object_set_string_member (result, "State", (const char *) sqlite3_column_text (row, 4));
    json_object_set_string_member (result, "StateTransitionReason", practice_mapping_is_stream ((const char *) sqlite3_column_text (row, 1))
                                                                      ? "User action" : "USER_INITIATED");
    json_object_set_double_member (result, "LastModified", sqlite3_column_double (row, 5));
    if (sqlite3_column_type (row, 6) != SQLITE_NULL)
      json_object_set_string_member (result, "LastProcessingResult", (const char *) sqlite3_column_text (row, 6));
  }
  sqlite3_reset (row);
  if (result == NULL || config == NULL)
    return result;
  json_object_iter_init (&iter, config);
  while (json_object_iter_next (&iter, &name, &value))
    json_object_set_member (result, name, json_node_copy (value));
  return result;
}

static double
now_seconds (void)
{
  return (double) (g_get_real_time () / 1000) / 1000.0;
}

static gboolean
check_duplicate (PracticeCall *call,
                 const char   *source_arn,
                 const char   *function_arn)
{
  sqlite3_stmt *row = practice_store_prepare (practice_server_get_store (practice_call_get_server (call)),
                                              "SELECT uuid FROM lambda_mapping WHERE source_arn = ? AND function_arn = ?", "ss", source_arn, function_arn);
  g_autofree char *uuid = sqlite3_step (row) == SQLITE_ROW ? g_strdup ((const char *) sqlite3_column_text (row, 0)) : NULL;
  const char *name = strrchr (function_arn, ':') + 1;

  sqlite3_reset (row);
  if (uuid == NULL)
    return TRUE;
  if (practice_mapping_is_stream (source_arn))
    practice_lambda_fail (call, 409, "ResourceConflictException", "The event source arn (\" %s \") and function (\" %s \") provided mapping already exists. "
                          "Please update or delete the existing mapping with UUID %s", source_arn, name, uuid);
  else
    practice_lambda_fail (call, 409, "ResourceConflictException", "An event source mapping with SQS arn (\" %s \") and function (\" %s \") already exists. "
                          "Please update or delete the existing mapping with UUID %s", source_arn, name, uuid);
  return FALSE;
}

void
practice_mapping_create (PracticeCall *call,
                         gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  PracticeStore *store = practice_server_get_store (server);
  const char *source_arn = practice_call_get_string (call, "EventSourceArn");
  JsonObject *tags = practice_call_get_object (call, "Tags");
  g_autofree char *function_arn = NULL;
  g_autofree char *uuid = NULL;
  g_autofree char *arn = NULL;
  g_autofree char *config_text = NULL;
  g_autofree char *tags_text = NULL;
  g_autoptr (PracticeFunction) function = NULL;
  g_autoptr (JsonObject) config = NULL;
  gboolean enabled = TRUE;

  if (practice_call_is_answered (call) || !practice_call_allow (call, "lambda:CreateEventSourceMapping", "*", NULL, NULL))
    return;
  if (source_arn == NULL || !g_regex_match_simple ("^arn:aws:(sqs:[a-z0-9-]+:\\d{12}:[a-zA-Z0-9_.-]+|dynamodb:[a-z0-9-]+:\\d{12}:table/[^/]+/stream/.+)$", source_arn, 0, 0)) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Unrecognized event source.");
    return;
  }
  practice_call_get_boolean (call, "Enabled", &enabled);
  function_arn = practice_lambda_resolve (call, practice_call_get_string (call, "FunctionName"));
  if (function_arn == NULL || practice_call_is_answered (call))
    return;
  function = practice_function_load (store, function_arn);
  config = practice_mapping_read_config (call, source_arn, function, NULL);
  if (config == NULL || !practice_lambda_check_tags (call, tags) || !practice_mapping_check_source (call, source_arn, function, config) ||
      !check_duplicate (call, source_arn, function_arn))
    return;

  uuid = g_uuid_string_random ();
  arn = g_strdup_printf ("arn:aws:lambda:%s:%s:event-source-mapping:%s", practice_call_get_region (call), practice_call_get_account (call), uuid);
  config_text = practice_json_object_to_text (config);
  tags_text = tags != NULL ? practice_json_object_to_text (tags) : g_strdup ("{}");
  practice_store_run (store, "INSERT INTO lambda_mapping (uuid, arn, region, source_arn, function_arn, config, state, enabled, created, modified, result, tags)"
                      "  VALUES (?, ?, ?, ?, ?, ?, 'Creating', ?, ?, ?, ?, ?)", "ssssssiidss", uuid, arn, practice_call_get_region (call), source_arn, function_arn,
                      config_text, (gint64) enabled, g_get_real_time () / G_USEC_PER_SEC, now_seconds (),
                      practice_mapping_is_stream (source_arn) ? "No records processed" : NULL, tags_text);
  practice_mappings_settle (server, uuid);
  practice_mappings_emit (server, "resource-created", practice_call_get_region (call), uuid);
  practice_call_return_full (call, 202, describe (server, uuid), NULL, NULL, NULL);
}

/* The mapping that the call names by UUID, as the API shows it; NULL after failing the call. */
static JsonObject *
find (PracticeCall *call,
      const char   *action)
{
  const char *uuid = practice_call_get_string (call, "UUID");
  g_autofree char *arn = NULL;
  JsonObject *mapping = NULL;

  if (practice_call_is_answered (call))
    return NULL;
  arn = g_strdup_printf ("arn:aws:lambda:%s:%s:event-source-mapping:%s", practice_call_get_region (call), practice_call_get_account (call), uuid);
  if (!practice_call_allow (call, action, arn, NULL, NULL))
    return NULL;
  if (g_regex_match_simple (UUID_PATTERN, uuid, 0, 0))
    mapping = describe (practice_call_get_server (call), uuid);
  if (mapping == NULL)
    practice_lambda_fail (call, 404, "ResourceNotFoundException", "The resource you requested does not exist.");
  return mapping;
}

/* Fails the call where the mapping is being made, changed or deleted. */
static gboolean
is_settled (PracticeCall *call,
            JsonObject   *mapping,
            const char   *verb)
{
  const char *state = practice_json_get_string (mapping, "State");

  if (!g_str_equal (state, "Enabled") && !g_str_equal (state, "Disabled"))
    practice_lambda_fail (call, 400, "ResourceInUseException", "Cannot %s the event source mapping because it is in use.", verb);
  return !practice_call_is_answered (call);
}

void
practice_mapping_get (PracticeCall *call,
                      gpointer      service)
{
  JsonObject *mapping = find (call, "lambda:GetEventSourceMapping");

  if (mapping != NULL)
    practice_call_return (call, mapping);
}

void
practice_mapping_list (PracticeCall *call,
                       gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *source_arn = practice_call_get_string (call, "EventSourceArn");
  const char *name = practice_call_get_string (call, "FunctionName");
  const char *marker = practice_call_get_string (call, "Marker");
  g_autofree char *function_arn = NULL;
  g_autoptr (GPtrArray) uuids = g_ptr_array_new_with_free_func (g_free);
  JsonObject *result = NULL;
  JsonArray *mappings = NULL;
  gint64 limit = 100;
  sqlite3_stmt *rows;

  practice_call_get_int (call, "MaxItems", &limit);
  if (practice_call_is_answered (call) || !practice_call_allow (call, "lambda:ListEventSourceMappings", "*", NULL, NULL))
    return;
  limit = CLAMP (limit, 1, 100);
  if (name != NULL) {
    g_autoptr (PracticeFunction) function = NULL;

    function_arn = practice_lambda_resolve (call, name);
    if (function_arn == NULL)
      return;
    function = practice_function_load (practice_server_get_store (server), function_arn);
    if (function == NULL) {
      practice_lambda_fail (call, 404, "ResourceNotFoundException", "Function not found: %s", function_arn);
      return;
    }
  }
  rows = practice_store_prepare (practice_server_get_store (server),
                                 "SELECT uuid FROM lambda_mapping WHERE region = ?1 AND (?2 IS NULL OR source_arn = ?2) AND (?3 IS NULL OR function_arn = ?3)"
                                 "  AND uuid > ?4 ORDER BY uuid LIMIT ?5", "ssssi", practice_call_get_region (call), source_arn, function_arn,
                                 marker != NULL ? marker : "", limit + 1);
  while (sqlite3_step (rows) == SQLITE_ROW)
    g_ptr_array_add (uuids, g_strdup ((const char *) sqlite3_column_text (rows, 0)));
  sqlite3_reset (rows);

  result = json_object_new ();
  mappings = json_array_new ();
  for (guint i = 0; i < MIN (uuids->len, (guint) limit); i++)
    json_array_add_object_element (mappings, describe (server, g_ptr_array_index (uuids, i)));
  json_object_set_array_member (result, "EventSourceMappings", mappings);
  if (uuids->len > limit)
    json_object_set_string_member (result, "NextMarker", g_ptr_array_index (uuids, limit - 1));
  practice_call_return (call, result);
}

void
practice_mapping_update (PracticeCall *call,
                         gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  PracticeStore *store = practice_server_get_store (server);
  const char *uuid = practice_call_get_string (call, "UUID");
  const char *name = practice_call_get_string (call, "FunctionName");
  g_autoptr (JsonObject) mapping = find (call, "lambda:UpdateEventSourceMapping");
  g_autoptr (PracticeFunction) function = NULL;
  g_autoptr (JsonObject) old = NULL;
  g_autoptr (JsonObject) config = NULL;
  g_autofree char *function_arn = NULL;
  g_autofree char *text = NULL;
  const char *source_arn = NULL;
  gboolean enabled;
  sqlite3_stmt *row;

  if (mapping == NULL || !is_settled (call, mapping, "update"))
    return;
  source_arn = practice_json_get_string (mapping, "EventSourceArn");
  enabled = g_str_equal (practice_json_get_string (mapping, "State"), "Enabled");
  practice_call_get_boolean (call, "Enabled", &enabled);
  function_arn = name != NULL ? practice_lambda_resolve (call, name) : g_strdup (practice_json_get_string (mapping, "FunctionArn"));
  if (function_arn == NULL || practice_call_is_answered (call))
    return;
  function = practice_function_load (store, function_arn);
  row = practice_store_prepare (store, "SELECT config FROM lambda_mapping WHERE uuid = ?", "s", uuid);
  if (sqlite3_step (row) == SQLITE_ROW)
    old = practice_json_parse_object ((const char *) sqlite3_column_text (row, 0), -1, NULL);
  sqlite3_reset (row);
  config = practice_mapping_read_config (call, source_arn, function, old);
  if (config == NULL || (enabled && !practice_mapping_check_source (call, source_arn, function, config)))
    return;
  text = practice_json_object_to_text (config);
  practice_store_run (store, "UPDATE lambda_mapping SET config = ?, function_arn = ?, state = ?, enabled = ?, modified = ? WHERE uuid = ?", "sssids",
                      text, function_arn, enabled ? "Updating" : "Disabling", (gint64) enabled, now_seconds (), uuid);
  practice_mappings_settle (server, uuid);
  practice_mappings_emit (server, "resource-updated", practice_call_get_region (call), uuid);
  practice_call_return_full (call, 202, describe (server, uuid), NULL, NULL, NULL);
}

void
practice_mapping_delete (PracticeCall *call,
                         gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *uuid = practice_call_get_string (call, "UUID");
  g_autoptr (JsonObject) mapping = find (call, "lambda:DeleteEventSourceMapping");

  if (mapping == NULL || !is_settled (call, mapping, "delete"))
    return;
  practice_store_run (practice_server_get_store (server), "UPDATE lambda_mapping SET state = 'Deleting', modified = ? WHERE uuid = ?", "ds", now_seconds (), uuid);
  practice_mappings_settle (server, uuid);
  practice_call_return_full (call, 202, describe (server, uuid), NULL, NULL, NULL);
}
