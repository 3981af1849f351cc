/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-sqs-batch.h"

#include <string.h>

#include "practice-json.h"

static gboolean
is_id (const char *id)
{
  gsize length = strlen (id);

  if (length < 1 || length > 80)
    return FALSE;
  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isalnum (id[i]) && id[i] != '-' && id[i] != '_')
      return FALSE;
  }
  return TRUE;
}

JsonArray *
practice_sqs_batch_get_entries (PracticeCall *call,
                                const char   *entry_name)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *entries = practice_call_get_array (call, "Entries");
  guint n_entries;

  if (practice_call_is_answered (call))
    return NULL;

  n_entries = entries != NULL ? json_array_get_length (entries) : 0;
  if (n_entries == 0) {
    practice_sqs_fail (call, PRACTICE_SQS_EMPTY_BATCH_REQUEST, "There should be at least one %s in the request.", entry_name);
    return NULL;
  }
  if (n_entries > PRACTICE_SQS_MAX_BATCH) {
    practice_sqs_fail (call, PRACTICE_SQS_TOO_MANY_ENTRIES, "Maximum number of entries per request are %d. You have sent %u.",
                       PRACTICE_SQS_MAX_BATCH, n_entries);
    return NULL;
  }

  for (guint i = 0; i < n_entries; i++) {
    JsonNode *node = json_array_get_element (entries, i);
    const char *id = JSON_NODE_HOLDS_OBJECT (node) ? practice_json_get_string (json_node_get_object (node), "Id") : NULL;

    if (id == NULL) {
      practice_sqs_fail (call, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter %s.%u.Id.", entry_name, i + 1);
      return NULL;
    }
    if (!is_id (id)) {
      practice_sqs_fail (call, PRACTICE_SQS_INVALID_BATCH_ENTRY_ID,
                         "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters "
                         "long.");
      return NULL;
    }
    if (!g_hash_table_add (ids, (gpointer) id)) {
      practice_sqs_fail (call, PRACTICE_SQS_BATCH_ENTRY_IDS_NOT_DISTINCT, "Id %s repeated.", id);
      return NULL;
    }
  }
  return entries;
}

void
practice_sqs_batch_run (PracticeSqs          *self,
                        PracticeCall         *call,
                        PracticeSqsQueue     *queue,
                        JsonArray            *entries,
                        PracticeSqsEntryFunc  func)
{
  g_autoptr (JsonArray) successful = json_array_new ();
  g_autoptr (JsonArray) failed = json_array_new ();
  JsonObject *result;

  for (guint i = 0; i < json_array_get_length (entries); i++) {
    JsonObject *entry = json_array_get_object_element (entries, i);
    const char *id = json_object_get_string_member (entry, "Id");
    g_auto (PracticeSqsFault) fault = { 0 };
    JsonObject *done = func (self, call, queue, entry, &fault);

    if (done != NULL) {
      json_object_set_string_member (done, "Id", id);
      json_array_add_object_element (successful, done);
    } else {
      json_array_add_object_element (failed, practice_sqs_fault_to_entry (&fault, id));
    }
  }

  result = json_object_new ();
  if (json_array_get_length (successful) > 0)
    json_object_set_array_member (result, "Successful", g_steal_pointer (&successful));
  if (json_array_get_length (failed) > 0)
    json_object_set_array_member (result, "Failed", g_steal_pointer (&failed));
  practice_call_return (call, result);
}

gboolean
practice_sqs_entry_get_int (JsonObject       *entry,
                            const char       *name,
                            gint64           *value,
                            PracticeSqsFault *fault)
{
  JsonNode *node = json_object_get_member (entry, name);
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (type == G_TYPE_INT64) {
    *value = json_node_get_int (node);
    return TRUE;
  }
  if (type == G_TYPE_STRING && g_ascii_string_to_signed (json_node_get_string (node), 10, G_MININT64, G_MAXINT64, value, NULL))
    return TRUE;
  return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                 "Value for parameter %s is invalid. Reason: Must be an integer.", name);
}
