/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-mapping-private.h"

#include <string.h>

#include "practice-event-pattern.h"
#include "practice-json.h"
#include "practice-services.h"

#define SESSION_SECONDS (12 * 3600)
#define SESSION_RENEW_SECONDS G_GINT64_CONSTANT (3600)

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

void
practice_mapping_end (PracticeMapping *self)
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

PracticeMapping *
practice_mapping_new (PracticeServer *server,
                      const char     *uuid,
                      gboolean        fresh)
{
  sqlite3_stmt *row = practice_store_prepare (practice_server_get_store (server),
                                              "SELECT region, source_arn, function_arn, config, created FROM lambda_mapping WHERE uuid = ? AND state = 'Enabled'",
                                              "s", uuid);
  PracticeMapping *self = NULL;
  JsonArray *types = NULL;

  if (sqlite3_step (row) == SQLITE_ROW) {
    self = g_rc_box_new0 (PracticeMapping);
    self->server = server;
    self->uuid = g_strdup (uuid);
    self->region = g_strdup ((const char *) sqlite3_column_text (row, 0));
    self->source_arn = g_strdup ((const char *) sqlite3_column_text (row, 1));
    self->function_arn = g_strdup ((const char *) sqlite3_column_text (row, 2));
    self->config = practice_json_parse_object ((const char *) sqlite3_column_text (row, 3), -1, NULL);
    self->created = sqlite3_column_int64 (row, 4);
  }
  sqlite3_reset (row);
  if (self == NULL)
    return NULL;
  if (self->config == NULL)
    self->config = json_object_new ();
  self->fresh = fresh;
  self->cancellable = g_cancellable_new ();
  self->batch_size = practice_mapping_get_int (self, "BatchSize", 10);
  self->window = practice_mapping_get_int (self, "MaximumBatchingWindowInSeconds", 0);
  types = practice_json_get_array (self->config, "FunctionResponseTypes");
  self->partial = types != NULL && json_array_get_length (types) > 0;
  compile_filters (self);
  if (practice_mapping_is_stream (self->source_arn))
    self->stream = practice_mapping_stream_new (self);
  else
    self->queue = practice_mapping_queue_new (self);
  return self;
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
  if (self->problem == NULL)
    return;
  g_clear_pointer (&self->problem, g_free);
  practice_events_emit (practice_server_get_events (self->server), "mapping-recovered", make_event (self, NULL));
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
