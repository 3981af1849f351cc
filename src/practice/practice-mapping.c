/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-mapping-private.h"

#include <string.h>

#include "practice-event-pattern.h"
#include "practice-json.h"
#include "practice-services.h"
#include "practice-mapping.h"

/* How long a mapping is Creating, Updating or Deleting. On AWS up to minutes; here long enough to be seen. */
#define SETTLE_MS 4
#define SESSION_SECONDS (12 * 3600)
#define SESSION_RENEW_SECONDS G_GINT64_CONSTANT (3600)
#define UUID_PATTERN "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"

static const char *const schema =
  "CREATE TABLE IF NOT EXISTS lambda_mapping ("
  "  uuid TEXT PRIMARY KEY, arn TEXT NOT NULL, region TEXT NOT NULL, source_arn TEXT NOT NULL, function_arn TEXT NOT NULL, config TEXT NOT NULL,"
  "  state TEXT NOT NULL, enabled INTEGER NOT NULL, created INTEGER NOT NULL, modified REAL NOT NULL, result TEXT, tags TEXT NOT NULL);"
  /* How far a stream mapping has come. */
  "CREATE TABLE IF NOT EXISTS lambda_checkpoint ("
  "  uuid TEXT NOT NULL REFERENCES lambda_mapping (uuid) ON DELETE CASCADE, shard TEXT NOT NULL, sequence TEXT NOT NULL, PRIMARY KEY (uuid, shard));";

/* All mappings of a server. */
struct _PracticeMappings {
  PracticeServer *server;
  GHashTable     *working;   /* UUID → PracticeMapping that polls */
  GHashTable     *timers;    /* UUID → source that ends Creating, Updating, Deleting */
  guint           start_id;
};

typedef struct _PracticeMappings Mappings;

typedef struct {
  Mappings *mappings;
  char     *uuid;
} Settling;

static Mappings *
get_mappings (PracticeServer *server)
{
  return practice_lambda_get (server)->mappings;
}

gboolean
practice_mapping_is_stream (const char *source_arn)
{
  return g_str_has_prefix (source_arn, "arn:aws:dynamodb:");
}

static void
close_session (PracticeMapping *self)
{
  if (self->credentials != NULL)
    practice_iam_close_session (practice_server_get_iam (self->server), self->credentials);
  g_clear_pointer (&self->credentials, aws_credentials_unref);
  g_clear_pointer (&self->principal, practice_principal_unref);
  g_clear_pointer (&self->role, g_free);
}

static void
mapping_clear (gpointer data)
{
  PracticeMapping *self = data;

  g_clear_pointer (&self->queue, practice_mapping_queue_free);
  g_clear_pointer (&self->stream, practice_mapping_stream_free);
  close_session (self);
  g_clear_pointer (&self->config, json_object_unref);
  g_clear_pointer (&self->patterns, g_ptr_array_unref);
  g_clear_object (&self->cancellable);
  g_free (self->uuid);
  g_free (self->region);
  g_free (self->source_arn);
  g_free (self->function_arn);
  g_free (self->problem);
}

PracticeMapping *
practice_mapping_ref (PracticeMapping *self)
{
  return g_rc_box_acquire (self);
}

void
practice_mapping_unref (PracticeMapping *self)
{
  g_rc_box_release_full (self, mapping_clear);
}

static void
stop (PracticeMapping *self)
{
  if (self->stopped)
    return;
  self->stopped = TRUE;
  g_cancellable_cancel (self->cancellable);
  if (self->stream != NULL)
    practice_mapping_stream_end_hold (self->stream);
  else
    practice_sqs_end_mapping (self->server, self->source_arn, self->function_arn);
}

static void
stop_and_unref (gpointer data)
{
  stop (data);
  practice_mapping_unref (data);
}

gint64
practice_mapping_get_int (PracticeMapping *self,
                          const char      *name,
                          gint64           fallback)
{
  JsonNode *node = json_object_get_member (self->config, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : fallback;
}

static void
compile_filters (PracticeMapping *self)
{
  JsonObject *criteria = practice_json_get_object (self->config, "FilterCriteria");
  JsonArray *filters = criteria != NULL ? practice_json_get_array (criteria, "Filters") : NULL;

  self->patterns = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_event_pattern_free);
  for (guint i = 0; filters != NULL && i < json_array_get_length (filters); i++) {
    const char *text = practice_json_get_string (json_array_get_object_element (filters, i), "Pattern");
    PracticeEventPattern *pattern = practice_event_pattern_new (text, NULL);

    if (pattern != NULL)
      g_ptr_array_add (self->patterns, pattern);
  }
}

/* Begins to poll, where the mapping is enabled. @fresh: for the first time. */
static void
begin (Mappings   *mappings,
       const char *uuid,
       gboolean    fresh)
{
  sqlite3_stmt *row = practice_store_prepare (practice_server_get_store (mappings->server),
                                              "SELECT region, source_arn, function_arn, config, created FROM lambda_mapping WHERE uuid = ? AND state = 'Enabled'",
                                              "s", uuid);
  PracticeMapping *self = NULL;
  JsonArray *types = NULL;

  if (sqlite3_step (row) == SQLITE_ROW) {
    self = g_rc_box_new0 (PracticeMapping);
    self->server = mappings->server;
    self->uuid = g_strdup (uuid);
    self->region = g_strdup ((const char *) sqlite3_column_text (row, 0));
    self->source_arn = g_strdup ((const char *) sqlite3_column_text (row, 1));
    self->function_arn = g_strdup ((const char *) sqlite3_column_text (row, 2));
    self->config = practice_json_parse_object ((const char *) sqlite3_column_text (row, 3), -1, NULL);
    self->created = sqlite3_column_int64 (row, 4);
  }
  sqlite3_reset (row);
  if (self == NULL)
    return;
  if (self->config == NULL)
    self->config = json_object_new ();
  self->fresh = fresh;
  self->cancellable = g_cancellable_new ();
  self->batch_size = practice_mapping_get_int (self, "BatchSize", 10);
  self->window = practice_mapping_get_int (self, "MaximumBatchingWindowInSeconds", 0);
  types = practice_json_get_array (self->config, "FunctionResponseTypes");
  self->partial = types != NULL && json_array_get_length (types) > 0;
  compile_filters (self);
  g_hash_table_insert (mappings->working, g_strdup (uuid), self);
  if (practice_mapping_is_stream (self->source_arn))
    self->stream = practice_mapping_stream_new (self);
  else
    self->queue = practice_mapping_queue_new (self);
}

static void
emit_resource (PracticeServer *server,
               const char     *kind,
               const char     *region,
               const char     *uuid)
{
  g_autofree char *arn = g_strdup_printf ("arn:aws:lambda:%s:%s:event-source-mapping:%s", region, practice_server_get_account (server), uuid);

  practice_events_emit_strings (practice_server_get_events (server), kind, "arn", arn, "type", "AWS::Lambda::EventSourceMapping",
                                "name", uuid, "region", region, NULL);
}

static void
settling_free (gpointer data)
{
  Settling *settling = data;

  g_free (settling->uuid);
  g_free (settling);
}

/* Creating and Updating become Enabled or Disabled, Deleting ends; not before the batches of the mapping as it was are done. */
static gboolean
settle (gpointer data)
{
  Settling *settling = data;
  Mappings *mappings = settling->mappings;
  PracticeStore *store = practice_server_get_store (mappings->server);
  PracticeMapping *working = g_hash_table_lookup (mappings->working, settling->uuid);
  g_autofree char *uuid = g_strdup (settling->uuid);
  g_autofree char *region = NULL;
  gboolean fresh = FALSE;
  sqlite3_stmt *row;

  if (working != NULL && working->batches > 0)
    return G_SOURCE_CONTINUE;
  g_hash_table_remove (mappings->working, uuid);
  practice_store_begin (store);
  row = practice_store_prepare (store, "SELECT region, state FROM lambda_mapping WHERE uuid = ?", "s", uuid);
  if (sqlite3_step (row) == SQLITE_ROW) {
    fresh = g_strcmp0 ((const char *) sqlite3_column_text (row, 1), "Creating") == 0;
    if (g_strcmp0 ((const char *) sqlite3_column_text (row, 1), "Deleting") == 0)
      region = g_strdup ((const char *) sqlite3_column_text (row, 0));
  }
  sqlite3_reset (row);
  if (region != NULL) {
    practice_store_run (store, "DELETE FROM lambda_mapping WHERE uuid = ?", "s", uuid);
    emit_resource (mappings->server, "resource-deleted", region, uuid);
  } else {
    practice_store_run (store, "UPDATE lambda_mapping SET state = CASE enabled WHEN 0 THEN 'Disabled' ELSE 'Enabled' END WHERE uuid = ?", "s", uuid);
  }
  practice_store_commit (store, NULL);
  g_hash_table_remove (mappings->timers, uuid);
  begin (mappings, uuid, fresh);
  return G_SOURCE_REMOVE;
}

static void
settle_later (Mappings   *mappings,
              const char *uuid)
{
  Settling *settling = g_new0 (Settling, 1);

  settling->mappings = mappings;
  settling->uuid = g_strdup (uuid);
  g_hash_table_insert (mappings->timers, g_strdup (uuid),
                       GUINT_TO_POINTER (g_timeout_add_full (G_PRIORITY_DEFAULT, SETTLE_MS, settle, settling, settling_free)));
}

PracticePrincipal *
practice_mapping_get_principal (PracticeMapping *self)
{
  g_autoptr (PracticeFunction) function = practice_function_load (practice_server_get_store (self->server), self->function_arn);
  gint64 now = g_get_monotonic_time ();

  if (function == NULL) {
    practice_mapping_fail (self, NULL, "ResourceNotFoundException", "The mapping's function does not exist any more.", "PROBLEM: Function not found");
    return NULL;
  }
  if (self->principal != NULL && g_strcmp0 (self->role, function->role) == 0 && now - self->session_since < SESSION_RENEW_SECONDS * G_USEC_PER_SEC &&
      practice_iam_can_assume (practice_server_get_iam (self->server), function->role, "lambda.amazonaws.com"))
    return self->principal;

  close_session (self);
  if (practice_iam_can_assume (practice_server_get_iam (self->server), function->role, "lambda.amazonaws.com"))
    self->principal = practice_iam_open_session (practice_server_get_iam (self->server), function->role, function->name, SESSION_SECONDS, &self->credentials);
  if (self->principal == NULL) {
    practice_mapping_fail (self, NULL, "AccessDeniedException", "The role defined for the function cannot be assumed by Lambda.",
                           "PROBLEM: The role defined for the function cannot be assumed by Lambda.");
    return NULL;
  }
  self->role = g_strdup (function->role);
  self->session_since = now;
  return self->principal;
}

void
practice_mapping_set_result (PracticeMapping *self,
                             const char      *result)
{
  practice_store_run (practice_server_get_store (self->server), "UPDATE lambda_mapping SET result = ?2 WHERE uuid = ?1 AND result IS NOT ?2", "ss",
                      self->uuid, result);
}

static JsonObject *
make_event (PracticeMapping *self,
            JsonArray       *records)
{
  JsonObject *event = json_object_new ();

  json_object_set_string_member (event, "mappingId", self->uuid);
  json_object_set_string_member (event, "functionArn", self->function_arn);
  json_object_set_string_member (event, "sourceArn", self->source_arn);
  json_object_set_string_member (event, "region", self->region);
  json_object_set_array_member (event, "records", records != NULL ? records : json_array_new ());
  return event;
}

void
practice_mapping_fail (PracticeMapping *self,
                       JsonArray       *records,
                       const char      *code,
                       const char      *message,
                       const char      *result)
{
  g_autofree char *problem = g_strconcat (code, ": ", message, NULL);

  if (records != NULL || g_strcmp0 (problem, self->problem) != 0) {
    JsonObject *event = make_event (self, records);
    JsonObject *error = json_object_new ();

    json_object_set_string_member (error, "code", code);
    json_object_set_string_member (error, "message", message);
    json_object_set_object_member (event, "error", error);
    practice_events_emit (practice_server_get_events (self->server), "mapping-failed", event);
  }
  g_free (self->problem);
  self->problem = g_steal_pointer (&problem);
  if (result != NULL)
    practice_mapping_set_result (self, result);
}

void
practice_mapping_recover (PracticeMapping *self)
{
  g_clear_pointer (&self->problem, g_free);
}

gboolean
practice_mapping_matches (PracticeMapping *self,
                          JsonObject      *record)
{
  g_autoptr (JsonNode) node = NULL;

  if (self->patterns->len == 0)
    return TRUE;
  node = json_node_alloc ();
  json_node_init_object (node, record);
  for (guint i = 0; i < self->patterns->len; i++) {
    if (practice_event_pattern_matches (g_ptr_array_index (self->patterns, i), node))
      return TRUE;
  }
  return FALSE;
}

void
practice_mapping_emit (PracticeMapping *self,
                       const char      *kind,
                       JsonArray       *records,
                       const char      *invocation_id)
{
  JsonObject *event = make_event (self, records);

  if (invocation_id != NULL)
    json_object_set_string_member (event, "invocationId", invocation_id);
  practice_events_emit (practice_server_get_events (self->server), kind, event);
}

void
practice_mapping_invoke (PracticeMapping        *self,
                         JsonArray              *records,
                         JsonArray              *ids,
                         PracticeInvocationDone  done,
                         gpointer                user_data)
{
  g_autoptr (JsonObject) payload = json_object_new ();
  g_autoptr (PracticeInvocation) invocation = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *text = NULL;

  json_object_set_array_member (payload, "Records", json_array_ref (records));
  text = practice_json_object_to_text (payload);
  bytes = g_bytes_new_take (text, strlen (text));
  invocation = practice_invocation_new (self->function_arn, "mapping", json_array_ref (ids), bytes, done, user_data);
  practice_mapping_emit (self, "mapping-polled", ids, invocation->id);
  practice_runtime_invoke (practice_lambda_get (self->server)->runtime, invocation);
}

gboolean
practice_mapping_get_failures (PracticeMapping     *self,
                               PracticeInvocation  *invocation,
                               GHashTable         **failed)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (invocation->result, &length);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = NULL;
  JsonNode *items = NULL;

  *failed = NULL;
  if (!self->partial)
    return TRUE;
  node = practice_json_parse (text, (gssize) length, NULL);
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  object = json_node_get_object (node);
  items = json_object_get_member (object, "batchItemFailures");
  if (items == NULL || JSON_NODE_HOLDS_NULL (items))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (items))
    return FALSE;
  *failed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < json_array_get_length (json_node_get_array (items)); i++) {
    JsonNode *item = json_array_get_element (json_node_get_array (items), i);
    const char *id = JSON_NODE_HOLDS_OBJECT (item) ? practice_json_get_string (json_node_get_object (item), "itemIdentifier") : NULL;

    if (id == NULL || *id == '\0') {
      g_clear_pointer (failed, g_hash_table_unref);
      return FALSE;
    }
    g_hash_table_add (*failed, g_strdup (id));
  }
  return TRUE;
}

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
  settle_later (get_mappings (server), uuid);
  emit_resource (server, "resource-created", practice_call_get_region (call), uuid);
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
  PracticeMapping *working = NULL;
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
  working = g_hash_table_lookup (get_mappings (server)->working, uuid);
  if (working != NULL)
    stop (working);
  settle_later (get_mappings (server), uuid);
  emit_resource (server, "resource-updated", practice_call_get_region (call), uuid);
  practice_call_return_full (call, 202, describe (server, uuid), NULL, NULL, NULL);
}

void
practice_mapping_delete (PracticeCall *call,
                         gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *uuid = practice_call_get_string (call, "UUID");
  g_autoptr (JsonObject) mapping = find (call, "lambda:DeleteEventSourceMapping");
  PracticeMapping *working = NULL;

  if (mapping == NULL || !is_settled (call, mapping, "delete"))
    return;
  practice_store_run (practice_server_get_store (server), "UPDATE lambda_mapping SET state = 'Deleting', modified = ? WHERE uuid = ?", "ds", now_seconds (), uuid);
  working = g_hash_table_lookup (get_mappings (server)->working, uuid);
  if (working != NULL)
    stop (working);
  settle_later (get_mappings (server), uuid);
  practice_call_return_full (call, 202, describe (server, uuid), NULL, NULL, NULL);
}

static gboolean
start_all (gpointer data)
{
  Mappings *mappings = data;
  g_autoptr (GPtrArray) uuids = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *rows = practice_store_prepare (practice_server_get_store (mappings->server), "SELECT uuid FROM lambda_mapping WHERE state = 'Enabled'", NULL);

  mappings->start_id = 0;
  while (sqlite3_step (rows) == SQLITE_ROW)
    g_ptr_array_add (uuids, g_strdup ((const char *) sqlite3_column_text (rows, 0)));
  sqlite3_reset (rows);
  for (guint i = 0; i < uuids->len; i++)
    begin (mappings, g_ptr_array_index (uuids, i), FALSE);
  return G_SOURCE_REMOVE;
}

void
practice_mapping_start (PracticeLambda *lambda)
{
  Mappings *mappings = g_new0 (Mappings, 1);
  PracticeStore *store = practice_server_get_store (lambda->server);

  mappings->server = lambda->server;
  mappings->working = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, stop_and_unref);
  mappings->timers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  lambda->mappings = mappings;
  practice_store_exec (store, schema);
  /* What was under way when the practice cloud ended is done. */
  practice_store_exec (store, "DELETE FROM lambda_mapping WHERE state = 'Deleting';"
                       "UPDATE lambda_mapping SET state = CASE enabled WHEN 0 THEN 'Disabled' ELSE 'Enabled' END;");
  /* Queues and streams may start after this. */
  mappings->start_id = g_idle_add (start_all, mappings);
}

void
practice_mapping_stop (PracticeLambda *lambda)
{
  Mappings *mappings = g_steal_pointer (&lambda->mappings);
  GHashTableIter iter;
  gpointer timer = NULL;

  g_clear_handle_id (&mappings->start_id, g_source_remove);
  g_hash_table_iter_init (&iter, mappings->timers);
  while (g_hash_table_iter_next (&iter, NULL, &timer))
    g_source_remove (GPOINTER_TO_UINT (timer));
  g_hash_table_unref (mappings->timers);
  g_hash_table_unref (mappings->working);
  g_free (mappings);
}
