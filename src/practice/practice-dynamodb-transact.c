/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "practice-dynamodb-items.h"
#include "practice-dynamodb-read.h"
#include "practice-dynamodb-write.h"
#include "practice-json.h"

/* API reference, TransactWriteItems. */
#define ITEMS_MAX 100
#define TOKEN_MAX 36
#define TOKEN_SECONDS (10 * 60)
#define TOTAL_MAX (4 * 1024 * 1024)

static const struct {
  const char                *member;
  PracticeDynamodbWriteKind  kind;
  const char                *action;
} actions[] = {
  { "Put", PRACTICE_DYNAMODB_WRITE_PUT, "dynamodb:PutItem" },
  { "Update", PRACTICE_DYNAMODB_WRITE_UPDATE, "dynamodb:UpdateItem" },
  { "Delete", PRACTICE_DYNAMODB_WRITE_DELETE, "dynamodb:DeleteItem" },
  { "ConditionCheck", PRACTICE_DYNAMODB_WRITE_CHECK, "dynamodb:ConditionCheckItem" },
};

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return g_strcmp0 (a, b);
}

/* The same for requests that differ in the order of members only. */
static void
digest_node (GChecksum *checksum,
             JsonNode  *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node)) {
    JsonObject *object = json_node_get_object (node);
    g_autoptr (GList) names = g_list_sort (json_object_get_members (object), compare_names);

    g_checksum_update (checksum, (const guchar *) "{", 1);
    for (GList *l = names; l != NULL; l = l->next) {
      g_checksum_update (checksum, l->data, strlen (l->data) + 1);
      digest_node (checksum, json_object_get_member (object, l->data));
    }
    g_checksum_update (checksum, (const guchar *) "}", 1);
  } else if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    g_checksum_update (checksum, (const guchar *) "[", 1);
    for (guint i = 0; i < json_array_get_length (array); i++)
      digest_node (checksum, json_array_get_element (array, i));
    g_checksum_update (checksum, (const guchar *) "]", 1);
  } else {
    g_autofree char *text = practice_json_to_text (node);

    g_checksum_update (checksum, (const guchar *) text, strlen (text) + 1);
  }
}

static char *
make_digest (JsonObject *params)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  digest_node (checksum, json_object_get_member (params, "TransactItems"));
  return g_strdup (g_checksum_get_string (checksum));
}

/*
 * Whether the transaction was done already: @repeated. Otherwise the token is kept, and forgotten with the transaction where that fails.
 * IdempotentParameterMismatchException where the token was another transaction's.
 */
static gboolean
check_token (PracticeDynamodb  *self,
             PracticeCall      *call,
             JsonObject        *params,
             gboolean          *repeated,
             GError           **error)
{
  double now = g_get_real_time () / (double) G_USEC_PER_SEC;
  const char *given = NULL;
  g_autofree char *token = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *known = NULL;
  sqlite3_stmt *row;

  *repeated = FALSE;
  if (!practice_dynamodb_params_get_string (params, "ClientRequestToken", &given, error))
    return FALSE;
  if (given == NULL)
    return TRUE;
  if (*given == '\0' || strlen (given) > TOKEN_MAX)
    return practice_dynamodb_params_refuse (error, given, "ClientRequestToken", *given == '\0' ? "Member must have length greater than or equal to 1"
                                                                                                : "Member must have length less than or equal to 36");

  practice_store_run (self->store, "DELETE FROM dynamodb_token WHERE time < ?", "d", now - TOKEN_SECONDS);
  token = g_strdup_printf ("%s/%s", practice_call_get_region (call), given);
  digest = make_digest (params);
  row = practice_store_prepare (self->store, "SELECT digest FROM dynamodb_token WHERE token = ?", "s", token);
  if (sqlite3_step (row) == SQLITE_ROW)
    known = g_strdup ((const char *) sqlite3_column_text (row, 0));
  sqlite3_reset (row);

  if (known == NULL) {
    practice_store_run (self->store, "INSERT INTO dynamodb_token (token, digest, time) VALUES (?, ?, ?)", "ssd", token, digest, now);
    return TRUE;
  }
  *repeated = g_str_equal (known, digest);
  if (!*repeated)
    g_set_error_literal (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_IDEMPOTENT_PARAMETER_MISMATCH,
                         "Another transaction used the same ClientRequestToken with other parameters");
  return *repeated;
}

/* The elements of TransactItems, which has 1 to 100 of them. */
static gboolean
read_items (JsonObject  *params,
            JsonArray  **items,
            GError     **error)
{
  guint n;

  if (!practice_dynamodb_params_need_array (params, "TransactItems", items, error))
    return FALSE;
  n = json_array_get_length (*items);
  if (n < 1 || n > ITEMS_MAX)
    return practice_dynamodb_params_refuse (error, n < 1 ? "[]" : "[…]", "TransactItems", n < 1 ? "Member must have length greater than or equal to 1"
                                                                                                : "Member must have length less than or equal to 100");
  return TRUE;
}

static PracticeDynamodbWrite *
read_write (PracticeDynamodb  *self,
            PracticeCall      *call,
            JsonObject        *element,
            GError           **error)
{
  JsonObject *params = NULL;
  guint chosen = 0, given = 0;

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++) {
    JsonObject *object = NULL;

    if (!practice_dynamodb_params_get_object (element, actions[i].member, &object, error))
      return NULL;
    if (object != NULL) {
      params = object;
      chosen = i;
      given++;
    }
  }
  if (given != 1) {
    practice_dynamodb_invalid (error, "TransactItems can only contain one of Check, Put, Update or Delete");
    return NULL;
  }
  if (actions[chosen].kind == PRACTICE_DYNAMODB_WRITE_CHECK && !json_object_has_member (params, "ConditionExpression")) {
    practice_dynamodb_params_refuse (error, NULL, "TransactItems.member.conditionCheck.conditionExpression", "Member must not be null");
    return NULL;
  }
  if (actions[chosen].kind == PRACTICE_DYNAMODB_WRITE_UPDATE && !json_object_has_member (params, "UpdateExpression")) {
    practice_dynamodb_params_refuse (error, NULL, "TransactItems.member.update.updateExpression", "Member must not be null");
    return NULL;
  }
  return practice_dynamodb_write_new (self, call, actions[chosen].kind, params, actions[chosen].action, error);
}

static gboolean
add_key (GHashTable                   *seen,
         const PracticeDynamodbTable  *table,
         const PracticeDynamodbKey    *key,
         GError                      **error)
{
  g_autoptr (GBytes) joined = practice_dynamodb_key_join (key);
  GByteArray *name = g_byte_array_new ();

  g_byte_array_append (name, (const guint8 *) &table->id, sizeof table->id);
  g_byte_array_append (name, g_bytes_get_data (joined, NULL), g_bytes_get_size (joined));
  if (!g_hash_table_add (seen, g_byte_array_free_to_bytes (name)))
    return practice_dynamodb_invalid (error, "Transaction request cannot include multiple operations on one item");
  return TRUE;
}

/* One reason for each item: what @errors (GError, NULL where nothing was wrong) say. */
static void
answer_cancelled (PracticeCall *call,
                  GPtrArray    *writes,
                  GPtrArray    *errors)
{
  JsonObject *members = json_object_new ();
  JsonArray *reasons = json_array_new ();
  g_autoptr (GString) message = g_string_new ("Transaction cancelled, please refer cancellation reasons for specific reasons [");

  for (guint i = 0; i < errors->len; i++) {
    const GError *error = g_ptr_array_index (errors, i);
    const PracticeDynamodbWrite *write = g_ptr_array_index (writes, i);
    gboolean failed = error != NULL && error->code == PRACTICE_DYNAMODB_ERROR_CONDITIONAL_CHECK_FAILED;
    const char *code = error == NULL ? "None" : failed ? "ConditionalCheckFailed" : "ValidationError";
    JsonObject *reason = json_object_new ();

    json_object_set_string_member (reason, "Code", code);
    if (error != NULL)
      json_object_set_string_member (reason, "Message", error->message);
    if (failed && write->returns_old && write->old_item != NULL)
      json_object_set_object_member (reason, "Item", practice_dynamodb_value_item_to_json (write->old_item));
    json_array_add_object_element (reasons, reason);
    g_string_append_printf (message, "%s%s", i > 0 ? ", " : "", code);
  }
  g_string_append_c (message, ']');
  json_object_set_array_member (members, "CancellationReasons", reasons);
  practice_call_fail_full (call, 400, "TransactionCanceledException", NULL, members, message->str);
}

static void
free_error (gpointer error)
{
  if (error != NULL)
    g_error_free (error);
}

/* Reads all writes; FALSE where the call was answered. */
static gboolean
read_writes (PracticeDynamodb *self,
             PracticeCall     *call,
             JsonArray        *items,
             GPtrArray        *writes)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_autoptr (GError) error = NULL;
  gsize total = 0;

  for (guint i = 0; i < json_array_get_length (items); i++) {
    PracticeDynamodbWrite *write = NULL;
    JsonObject *element;

    if (practice_dynamodb_params_get_element (items, i, &element, &error))
      write = read_write (self, call, element, &error);
    if (write != NULL) {
      g_ptr_array_add (writes, write);
      total += practice_dynamodb_value_get_item_size (write->given);
      if (add_key (seen, write->table, &write->key, &error) && total > TOTAL_MAX)
        practice_dynamodb_invalid (&error, "Collection size limit exceeded: the items of a transaction have at most 4 MB together");
    }
    if (write == NULL || error != NULL) {
      practice_dynamodb_answer_error (call, error);
      return FALSE;
    }
  }
  return TRUE;
}

void
practice_dynamodb_transact_write_items (PracticeCall *call,
                                        gpointer      service)
{
  PracticeDynamodb *self = service;
  JsonObject *params = practice_call_get_params (call);
  g_autoptr (PracticeDynamodbCapacity) capacity = NULL;
  g_autoptr (GPtrArray) writes = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_dynamodb_write_free);
  g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func (free_error);
  g_autoptr (GError) error = NULL;
  gboolean repeated, cancelled = FALSE;
  JsonObject *result;
  JsonArray *items;

  capacity = practice_dynamodb_capacity_new (params, &error);
  if (capacity == NULL || !read_items (params, &items, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  if (!read_writes (self, call, items, writes))
    return;
  if (!check_token (self, call, params, &repeated, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }

  for (guint i = 0; i < writes->len && !repeated; i++) {
    GError *failure = NULL;

    cancelled |= !practice_dynamodb_write_run (g_ptr_array_index (writes, i), self, &failure);
    g_ptr_array_add (errors, failure);
  }
  if (cancelled) {
    answer_cancelled (call, writes, errors);
    return;
  }
  for (guint i = 0; i < writes->len && !repeated; i++) {
    PracticeDynamodbWrite *write = g_ptr_array_index (writes, i);

    practice_dynamodb_write_commit (write, self, call);
    practice_dynamodb_capacity_add_write (capacity, write->table, write->old_item, write->new_item, 2);
  }

  result = json_object_new ();
  practice_dynamodb_capacity_report_all (capacity, result);
  practice_call_return (call, result);
}

/* One Get: adds its answer to @responses. */
static gboolean
run_get (PracticeDynamodb          *self,
         PracticeCall              *call,
         JsonObject                *element,
         GHashTable                *seen,
         PracticeDynamodbCapacity  *capacity,
         JsonArray                 *responses,
         GError                   **error)
{
  g_autoptr (PracticeDynamodbTable) table = NULL;
  g_autoptr (PracticeDynamodbValue) item = NULL;
  g_auto (PracticeDynamodbKey) key = { 0 };
  g_autoptr (GPtrArray) paths = NULL;
  g_autofree char *name = NULL;
  g_autofree char *arn = NULL;
  JsonObject *get, *key_object, *response;

  if (!practice_dynamodb_params_need_object (element, "Get", &get, error) ||
      !practice_dynamodb_params_need_table (get, &name, error) ||
      !practice_dynamodb_params_need_object (get, "Key", &key_object, error) ||
      !practice_dynamodb_read_projection (get, &paths, error))
    return FALSE;
  arn = practice_dynamodb_make_arn (call, name);
  if (!practice_call_allow (call, "dynamodb:GetItem", arn, NULL, NULL))
    return FALSE;
  table = practice_dynamodb_need_table (self, call, name, error);
  if (table == NULL || !practice_dynamodb_read_key (table, key_object, &key, error) || !add_key (seen, table, &key, error))
    return FALSE;

  item = practice_dynamodb_items_get (self, table, &key, NULL);
  response = json_object_new ();
  if (item != NULL)
    json_object_set_object_member (response, "Item", practice_dynamodb_read_answer (item, paths));
  json_array_add_object_element (responses, response);
  practice_dynamodb_capacity_add_read (capacity, table, NULL, item != NULL ? practice_dynamodb_value_get_item_size (item) : 0, 2);
  return TRUE;
}

void
practice_dynamodb_transact_get_items (PracticeCall *call,
                                      gpointer      service)
{
  PracticeDynamodb *self = service;
  JsonObject *params = practice_call_get_params (call);
  g_autoptr (PracticeDynamodbCapacity) capacity = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_autoptr (JsonArray) responses = json_array_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *result;
  JsonArray *items;

  capacity = practice_dynamodb_capacity_new (params, &error);
  if (capacity == NULL || !read_items (params, &items, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  for (guint i = 0; i < json_array_get_length (items); i++) {
    JsonObject *element;

    if (!practice_dynamodb_params_get_element (items, i, &element, &error) ||
        !run_get (self, call, element, seen, capacity, responses, &error)) {
      practice_dynamodb_answer_error (call, error);
      return;
    }
  }
  result = json_object_new ();
  json_object_set_array_member (result, "Responses", g_steal_pointer (&responses));
  practice_dynamodb_capacity_report_all (capacity, result);
  practice_call_return (call, result);
}
