/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-sqs-shape.h"

#include <string.h>

#include "practice-json.h"

typedef struct {
  const char *query;
  const char *json;
} Names;

static const Names lists[] = {
  { "AttributeName", "AttributeNames" },
  { "MessageSystemAttributeName", "MessageSystemAttributeNames" },
  { "MessageAttributeName", "MessageAttributeNames" },
  { "TagKey", "TagKeys" },
  { "AWSAccountId", "AWSAccountIds" },
  { "ActionName", "Actions" },
  { "SendMessageBatchRequestEntry", "Entries" },
  { "DeleteMessageBatchRequestEntry", "Entries" },
  { "ChangeMessageVisibilityBatchRequestEntry", "Entries" },
};

static const Names maps[] = {
  { "Attribute", "Attributes" },
  { "MessageAttribute", "MessageAttributes" },
  { "MessageSystemAttribute", "MessageSystemAttributes" },
};

static const Names results[] = {
  { "SendMessageBatchResultEntry", "SendMessageBatch" },
  { "DeleteMessageBatchResultEntry", "DeleteMessageBatch" },
  { "ChangeMessageVisibilityBatchResultEntry", "ChangeMessageVisibilityBatch" },
};

/* One item may come without a number. */
static JsonArray *
to_array (JsonNode *node)
{
  JsonArray *array;

  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_ref (json_node_get_array (node));

  array = json_array_new ();
  json_array_add_element (array, json_node_copy (node));
  return array;
}

static void
list_to_map (JsonObject *object,
             const char *query_name,
             const char *json_name,
             const char *key_name)
{
  JsonNode *node = json_object_get_member (object, query_name);
  g_autoptr (JsonArray) entries = NULL;
  JsonObject *map;

  if (node == NULL)
    return;

  entries = to_array (node);
  map = json_object_new ();
  for (guint i = 0; i < json_array_get_length (entries); i++) {
    JsonNode *entry = json_array_get_element (entries, i);
    const char *key = JSON_NODE_HOLDS_OBJECT (entry) ? practice_json_get_string (json_node_get_object (entry), key_name) : NULL;
    JsonNode *value = key != NULL ? json_object_get_member (json_node_get_object (entry), "Value") : NULL;

    if (key != NULL)
      json_object_set_member (map, key, value != NULL ? json_node_copy (value) : json_node_init_string (json_node_alloc (), ""));
  }
  json_object_set_object_member (object, json_name, map);
}

static void
shape_maps (JsonObject *object)
{
  for (guint i = 0; i < G_N_ELEMENTS (maps); i++)
    list_to_map (object, maps[i].query, maps[i].json, "Name");
}

static void
map_to_list (JsonObject *object,
             const char *json_name,
             const char *query_name,
             const char *key_name)
{
  JsonObject *map = practice_json_get_object (object, json_name);
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;
  JsonArray *list;

  if (map == NULL)
    return;

  list = json_array_new ();
  json_object_iter_init_ordered (&iter, map);
  while (json_object_iter_next_ordered (&iter, &key, &value)) {
    JsonObject *entry = json_object_new ();

    json_object_set_string_member (entry, key_name, key);
    json_object_set_member (entry, "Value", json_node_copy (value));
    json_array_add_object_element (list, entry);
  }
  json_object_set_array_member (object, query_name, list);
  json_object_remove_member (object, json_name);
}

static void
rename_member (JsonObject *object,
               const char *from,
               const char *to)
{
  JsonNode *node = json_object_get_member (object, from);

  if (node != NULL) {
    json_object_set_member (object, to, json_node_copy (node));
    json_object_remove_member (object, from);
  }
}

void
practice_sqs_shape_params (const char *operation,
                           JsonObject *params)
{
  JsonArray *entries;

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    JsonNode *node = json_object_get_member (params, lists[i].query);

    if (node != NULL)
      json_object_set_array_member (params, lists[i].json, to_array (node));
  }
  shape_maps (params);
  list_to_map (params, "Tag", strcmp (operation, "CreateQueue") == 0 ? "tags" : "Tags", "Key");

  entries = practice_json_get_array (params, "Entries");
  for (guint i = 0; entries != NULL && i < json_array_get_length (entries); i++) {
    JsonNode *entry = json_array_get_element (entries, i);

    if (JSON_NODE_HOLDS_OBJECT (entry))
      shape_maps (json_node_get_object (entry));
  }
}

JsonObject *
practice_sqs_shape_result (const char *operation,
                           JsonObject *result)
{
  JsonArray *messages = practice_json_get_array (result, "Messages");

  for (guint i = 0; messages != NULL && i < json_array_get_length (messages); i++) {
    JsonObject *message = json_array_get_object_element (messages, i);

    map_to_list (message, "Attributes", "Attribute", "Name");
    map_to_list (message, "MessageAttributes", "MessageAttribute", "Name");
  }

  rename_member (result, "Messages", "Message");
  rename_member (result, "QueueUrls", "QueueUrl");
  rename_member (result, "queueUrls", "QueueUrl");
  map_to_list (result, "Attributes", "Attribute", "Name");
  map_to_list (result, "Tags", "Tag", "Key");

  for (guint i = 0; i < G_N_ELEMENTS (results); i++) {
    if (strcmp (results[i].json, operation) == 0)
      rename_member (result, "Successful", results[i].query);
  }
  rename_member (result, "Failed", "BatchResultErrorEntry");
  return result;
}
