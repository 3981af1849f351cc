/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-items.h"
#include "practice-dynamodb-read.h"
#include "practice-dynamodb-write.h"

/* API reference, BatchGetItem and BatchWriteItem. */
#define GETS_MAX 100
#define WRITES_MAX 25
#define ANSWER_MAX (16 * 1024 * 1024)

/* RequestItems, which must not be empty. */
static gboolean
read_requests (JsonObject  *params,
               JsonObject **requests,
               GError     **error)
{
  if (!practice_dynamodb_params_need_object (params, "RequestItems", requests, error))
    return FALSE;
  if (json_object_get_size (*requests) == 0)
    return practice_dynamodb_params_refuse (error, "{}", "RequestItems", "Member must have length greater than or equal to 1");
  return TRUE;
}

/* The table that a member of RequestItems names, after IAM was asked. */
static PracticeDynamodbTable *
need_named (PracticeDynamodb  *self,
            PracticeCall      *call,
            const char        *name,
            const char        *action,
            GError           **error)
{
  g_autoptr (JsonObject) holder = json_object_new ();
  g_autofree char *table = NULL;
  g_autofree char *arn = NULL;

  json_object_set_string_member (holder, "TableName", name);
  if (!practice_dynamodb_params_need_table (holder, &table, error))
    return NULL;
  arn = practice_dynamodb_make_arn (call, table);
  if (!practice_call_allow (call, action, arn, NULL, NULL))
    return NULL;
  return practice_dynamodb_need_table (self, call, table, error);
}

/* What is to be got from one table, and what came. */
typedef struct {
  PracticeDynamodbTable *table;
  const char            *name;         /* as the request says it */
  JsonObject            *request;
  JsonArray             *keys;
  GPtrArray             *paths;
  gboolean               consistent;
} Get;

static void
get_free (gpointer data)
{
  Get *get = data;

  g_clear_pointer (&get->table, practice_dynamodb_table_unref);
  g_clear_pointer (&get->paths, g_ptr_array_unref);
  g_free (get);
}

static gboolean
read_gets (JsonObject  *requests,
           GPtrArray   *gets,
           GError     **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  guint total = 0;

  json_object_iter_init (&iter, requests);
  while (json_object_iter_next (&iter, &name, &node)) {
    Get *get = g_new0 (Get, 1);

    g_ptr_array_add (gets, get);
    if (!JSON_NODE_HOLDS_OBJECT (node))
      return practice_dynamodb_unreadable (error, "Unexpected value type in payload");
    get->name = name;
    get->request = json_node_get_object (node);
    if (!practice_dynamodb_params_need_array (get->request, "Keys", &get->keys, error) ||
        !practice_dynamodb_params_get_boolean (get->request, "ConsistentRead", &get->consistent, error) ||
        !practice_dynamodb_read_projection (get->request, &get->paths, error))
      return FALSE;
    if (json_array_get_length (get->keys) == 0)
      return practice_dynamodb_params_refuse (error, "[]", "RequestItems.member.keys", "Member must have length greater than or equal to 1");
    total += json_array_get_length (get->keys);
  }
  if (total > GETS_MAX)
    return practice_dynamodb_invalid (error, "Too many items requested for the BatchGetItem call");
  return TRUE;
}

static gboolean
add_key (GHashTable   *seen,
         GBytes       *key,
         GError      **error)
{
  if (!g_hash_table_add (seen, key))
    return practice_dynamodb_invalid (error, "Provided list of item keys contains duplicates");
  return TRUE;
}

/* The request again, with the keys that were not read. */
static JsonObject *
make_unprocessed (Get   *get,
                  guint  first)
{
  JsonObject *unprocessed = json_object_new ();
  JsonArray *keys = json_array_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, get->request);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (unprocessed, name, json_node_copy (node));
  for (guint i = first; i < json_array_get_length (get->keys); i++)
    json_array_add_element (keys, json_node_copy (json_array_get_element (get->keys, i)));
  json_object_set_array_member (unprocessed, "Keys", keys);
  return unprocessed;
}

static gboolean
run_get (PracticeDynamodb          *self,
         Get                       *get,
         PracticeDynamodbCapacity  *capacity,
         gsize                     *total,
         JsonArray                 *items,
         JsonObject                *unprocessed,
         GError                   **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  guint n = json_array_get_length (get->keys);
  g_autofree PracticeDynamodbKey *keys = g_new0 (PracticeDynamodbKey, n);
  gboolean good = TRUE;

  for (guint i = 0; i < n && good; i++) {
    JsonObject *object;

    good = practice_dynamodb_params_get_element (get->keys, i, &object, error) &&
           practice_dynamodb_read_key (get->table, object, &keys[i], error) &&
           add_key (seen, practice_dynamodb_key_join (&keys[i]), error);
  }

  for (guint i = 0; i < n && good; i++) {
    g_autoptr (PracticeDynamodbValue) item = NULL;
    gsize size;

    if (*total > ANSWER_MAX) {
      json_object_set_object_member (unprocessed, get->name, make_unprocessed (get, i));
      break;
    }
    item = practice_dynamodb_items_get (self, get->table, &keys[i], NULL);
    size = item != NULL ? practice_dynamodb_value_get_item_size (item) : 0;
    *total += size;
    if (item != NULL)
      json_array_add_object_element (items, practice_dynamodb_read_answer (item, get->paths));
    practice_dynamodb_capacity_add_read (capacity, get->table, NULL, size, get->consistent ? 1 : 0.5);
  }

  for (guint i = 0; i < n; i++)
    practice_dynamodb_key_clear (&keys[i]);
  return good;
}

static gboolean
read_writes (PracticeDynamodb  *self,
             PracticeCall      *call,
             JsonObject        *requests,
             GPtrArray         *writes,
             GError           **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  guint total = 0;

  json_object_iter_init (&iter, requests);
  while (json_object_iter_next (&iter, &name, &node)) {
    if (!JSON_NODE_HOLDS_ARRAY (node))
      return practice_dynamodb_unreadable (error, "Unexpected value type in payload");
    if (json_array_get_length (json_node_get_array (node)) == 0)
      return practice_dynamodb_params_refuse (error, "[]", "RequestItems.member", "Member must have length greater than or equal to 1");
    total += json_array_get_length (json_node_get_array (node));
  }
  if (total > WRITES_MAX)
    return practice_dynamodb_invalid (error, "Too many items requested for the BatchWriteItem call");

  json_object_iter_init (&iter, requests);
  while (json_object_iter_next (&iter, &name, &node)) {
    g_autoptr (PracticeDynamodbTable) table = need_named (self, call, name, "dynamodb:BatchWriteItem", error);
    g_autoptr (GHashTable) seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
    JsonArray *array = json_node_get_array (node);

    if (table == NULL)
      return FALSE;
    for (guint i = 0; i < json_array_get_length (array); i++) {
      JsonObject *element, *put = NULL, *delete = NULL;
      PracticeDynamodbWrite *write;

      if (!practice_dynamodb_params_get_element (array, i, &element, error) ||
          !practice_dynamodb_params_get_object (element, "PutRequest", &put, error) ||
          !practice_dynamodb_params_get_object (element, "DeleteRequest", &delete, error))
        return FALSE;
      if ((put != NULL) == (delete != NULL))
        return practice_dynamodb_invalid (error, "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes");
      write = practice_dynamodb_write_new_plain (put != NULL ? PRACTICE_DYNAMODB_WRITE_PUT : PRACTICE_DYNAMODB_WRITE_DELETE,
                                                 table, put != NULL ? put : delete, error);
      if (write == NULL) {
        /* A batch says less about it than PutItem. */
        if (error != NULL && *error != NULL && g_str_has_prefix ((*error)->message, "One or more parameter values were invalid: Missing the key")) {
          g_clear_error (error);
          return practice_dynamodb_invalid (error, "The provided key element does not match the schema");
        }
        return FALSE;
      }
      g_ptr_array_add (writes, write);
      if (!add_key (seen, practice_dynamodb_key_join (&write->key), error))
        return FALSE;
    }
  }
  return TRUE;
}

void
practice_dynamodb_batch_get_item (PracticeCall *call,
                                  gpointer      service)
{
  PracticeDynamodb *self = service;
  JsonObject *params = practice_call_get_params (call);
  g_autoptr (PracticeDynamodbCapacity) capacity = NULL;
  g_autoptr (GPtrArray) gets = g_ptr_array_new_with_free_func (get_free);
  g_autoptr (JsonObject) responses = json_object_new ();
  g_autoptr (JsonObject) unprocessed = json_object_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *requests, *result;
  gsize total = 0;

  capacity = practice_dynamodb_capacity_new (params, &error);
  if (capacity == NULL || !read_requests (params, &requests, &error) || !read_gets (requests, gets, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  for (guint i = 0; i < gets->len; i++) {
    Get *get = g_ptr_array_index (gets, i);

    get->table = need_named (self, call, get->name, "dynamodb:BatchGetItem", &error);
    if (get->table == NULL) {
      practice_dynamodb_answer_error (call, error);
      return;
    }
  }
  for (guint i = 0; i < gets->len; i++) {
    Get *get = g_ptr_array_index (gets, i);
    JsonArray *items = json_array_new ();

    json_object_set_array_member (responses, get->name, items);
    if (!run_get (self, get, capacity, &total, items, unprocessed, &error)) {
      practice_dynamodb_answer_error (call, error);
      return;
    }
  }

  result = json_object_new ();
  json_object_set_object_member (result, "Responses", g_steal_pointer (&responses));
  json_object_set_object_member (result, "UnprocessedKeys", g_steal_pointer (&unprocessed));
  practice_dynamodb_capacity_report_all (capacity, result);
  practice_call_return (call, result);
}

void
practice_dynamodb_batch_write_item (PracticeCall *call,
                                    gpointer      service)
{
  PracticeDynamodb *self = service;
  JsonObject *params = practice_call_get_params (call);
  g_autoptr (PracticeDynamodbCapacity) capacity = NULL;
  g_autoptr (GPtrArray) writes = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_dynamodb_write_free);
  g_autoptr (GError) error = NULL;
  JsonObject *requests, *result;

  capacity = practice_dynamodb_capacity_new (params, &error);
  if (capacity == NULL || !read_requests (params, &requests, &error) || !read_writes (self, call, requests, writes, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  for (guint i = 0; i < writes->len; i++) {
    PracticeDynamodbWrite *write = g_ptr_array_index (writes, i);

    /* There is no condition that could fail, and all was checked. */
    if (!practice_dynamodb_write_run (write, self, &error)) {
      practice_dynamodb_answer_error (call, error);
      return;
    }
    practice_dynamodb_write_commit (write, self, call);
    practice_dynamodb_capacity_add_write (capacity, write->table, write->old_item, write->new_item, 1);
  }

  result = json_object_new ();
  json_object_set_object_member (result, "UnprocessedItems", json_object_new ());
  practice_dynamodb_capacity_report_all (capacity, result);
  practice_call_return (call, result);
}
