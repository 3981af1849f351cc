/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-private.h"

#include "practice-dynamodb-tags.h"
#include "practice-services.h"
#include "practice-streams-log.h"

/* Nobody waits longer than this for a table to become ACTIVE. */
#define CREATING_SECONDS 1.0

static const PracticeOperation operations[] = {
  { "BatchGetItem", NULL, practice_dynamodb_batch_get_item },
  { "BatchWriteItem", NULL, practice_dynamodb_batch_write_item },
  { "CreateTable", NULL, practice_dynamodb_create_table },
  { "DeleteItem", NULL, practice_dynamodb_delete_item },
  { "DeleteTable", NULL, practice_dynamodb_delete_table },
  { "DescribeContinuousBackups", NULL, practice_dynamodb_describe_continuous_backups },
  { "DescribeLimits", NULL, practice_dynamodb_describe_limits },
  { "DescribeTable", NULL, practice_dynamodb_describe_table },
  { "DescribeTimeToLive", NULL, practice_dynamodb_describe_time_to_live },
  { "GetItem", NULL, practice_dynamodb_get_item },
  { "ListTables", NULL, practice_dynamodb_list_tables },
  { "ListTagsOfResource", NULL, practice_dynamodb_list_tags },
  { "PutItem", NULL, practice_dynamodb_put_item },
  { "Query", NULL, practice_dynamodb_query },
  { "Scan", NULL, practice_dynamodb_scan },
  { "TagResource", NULL, practice_dynamodb_tag_resource },
  { "TransactGetItems", NULL, practice_dynamodb_transact_get_items },
  { "TransactWriteItems", NULL, practice_dynamodb_transact_write_items },
  { "UntagResource", NULL, practice_dynamodb_untag_resource },
  { "UpdateItem", NULL, practice_dynamodb_update_item },
  { "UpdateTable", NULL, practice_dynamodb_update_table },
  { "UpdateTimeToLive", NULL, practice_dynamodb_update_time_to_live },
  { NULL }
};

static const PracticeService service = {
  .name = "dynamodb",
  .target = "DynamoDB_20120810",
  .protocol = PRACTICE_PROTOCOL_JSON_1_0,
  .error_namespace = "com.amazonaws.dynamodb.v20120810",
  .denied_status = 400,
  .denied_code = "AccessDeniedException",
  .operations = operations,
};

static void
make_tables (PracticeStore *store)
{
  practice_store_exec (store,
                       "CREATE TABLE IF NOT EXISTS dynamodb_table ("
                       "  id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, name TEXT NOT NULL, created REAL NOT NULL, creating INTEGER NOT NULL,"
                       "  definition TEXT NOT NULL, stream_id INTEGER NOT NULL, stream_view TEXT, stream_label TEXT, UNIQUE (region, name));"
                       "CREATE TABLE IF NOT EXISTS dynamodb_count ("
                       "  table_id INTEGER PRIMARY KEY, items INTEGER NOT NULL, bytes INTEGER NOT NULL);"
                       "CREATE TABLE IF NOT EXISTS dynamodb_index (id INTEGER PRIMARY KEY AUTOINCREMENT, table_id INTEGER NOT NULL);"
                       "CREATE TABLE IF NOT EXISTS dynamodb_item ("
                       "  id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, bucket INTEGER NOT NULL, hash BLOB NOT NULL, range BLOB NOT NULL, item BLOB NOT NULL,"
                       "  UNIQUE (table_id, bucket, hash, range));"
                       "CREATE TABLE IF NOT EXISTS dynamodb_entry ("
                       "  index_id INTEGER NOT NULL, bucket INTEGER NOT NULL, hash BLOB NOT NULL, range BLOB NOT NULL, primary_key BLOB NOT NULL,"
                       "  item_id INTEGER NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (index_id, bucket, hash, range, primary_key)) WITHOUT ROWID;"
                       "CREATE TABLE IF NOT EXISTS dynamodb_tag ("
                       "  table_id INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (table_id, key)) WITHOUT ROWID;"
                       "CREATE TABLE IF NOT EXISTS dynamodb_token ("
                       "  token TEXT PRIMARY KEY, digest TEXT NOT NULL, time REAL NOT NULL) WITHOUT ROWID;");
  practice_streams_log_prepare (store);
}

static void
service_free (gpointer data)
{
  PracticeDynamodb *self = data;

  g_hash_table_unref (self->tables);
  g_free (self);
}

static PracticeDynamodbTable *
load_table (PracticeDynamodb *self,
            const char       *region,
            const char       *name)
{
  sqlite3_stmt *row = practice_store_prepare (self->store,
                                              "SELECT id, created, creating, definition, stream_id, stream_view, stream_label FROM dynamodb_table"
                                              " WHERE region = ? AND name = ?", "ss", region, name);
  PracticeDynamodbTable *table = NULL;

  if (sqlite3_step (row) == SQLITE_ROW) {
    g_autoptr (JsonNode) definition = json_from_string ((const char *) sqlite3_column_text (row, 3), NULL);

    if (definition != NULL && JSON_NODE_HOLDS_OBJECT (definition)) {
      table = practice_dynamodb_table_new (sqlite3_column_int64 (row, 0), region, practice_server_get_account (self->server), name,
                                           sqlite3_column_double (row, 1), json_node_dup_object (definition));
      table->creating = sqlite3_column_int (row, 2) != 0;
      table->stream_id = sqlite3_column_int64 (row, 4);
      table->stream_view = g_strdup ((const char *) sqlite3_column_text (row, 5));
      table->stream_label = g_strdup ((const char *) sqlite3_column_text (row, 6));
    }
  }
  sqlite3_reset (row);
  return table;
}

void
practice_dynamodb_answer_error (PracticeCall *call,
                                const GError *error)
{
  const char *code;
  JsonObject *members = NULL;

  if (error == NULL || practice_call_is_answered (call))
    return;

  code = practice_dynamodb_error_get_code (error);
  /* These two come from the framework in front of the service, and bear its name. */
  if (g_error_matches (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_VALIDATION) ||
      g_error_matches (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_SERIALIZATION)) {
    g_autofree char *type = g_strdup_printf ("com.amazon.coral.%s#%s",
                                             error->code == PRACTICE_DYNAMODB_ERROR_VALIDATION ? "validate" : "service", code);

    members = json_object_new ();
    json_object_set_string_member (members, "__type", type);
  }
  practice_call_fail_full (call, g_str_equal (code, "InternalServerError") ? 500 : 400, code, NULL, members, error->message);
}

char *
practice_dynamodb_make_arn (PracticeCall *call,
                            const char   *table)
{
  return g_strdup_printf ("arn:aws:dynamodb:%s:%s:table/%s", practice_call_get_region (call), practice_call_get_account (call), table);
}

PracticeDynamodbTable *
practice_dynamodb_find_table (PracticeDynamodb *self,
                              PracticeCall     *call,
                              const char       *name)
{
  g_autofree char *key = g_strdup_printf ("%s/%s", practice_call_get_region (call), name);
  PracticeDynamodbTable *table = g_hash_table_lookup (self->tables, key);

  if (table == NULL) {
    table = load_table (self, practice_call_get_region (call), name);
    if (table == NULL)
      return NULL;
    g_hash_table_insert (self->tables, g_steal_pointer (&key), table);
  }
  return practice_dynamodb_table_ref (table);
}

PracticeDynamodbTable *
practice_dynamodb_need_table (PracticeDynamodb  *self,
                              PracticeCall      *call,
                              const char        *name,
                              GError           **error)
{
  g_autoptr (PracticeDynamodbTable) table = practice_dynamodb_find_table (self, call, name);

  if (table == NULL || (table->creating && g_get_real_time () / (double) G_USEC_PER_SEC < table->created + CREATING_SECONDS)) {
    g_set_error_literal (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");
    return NULL;
  }
  return g_steal_pointer (&table);
}

void
practice_dynamodb_forget_table (PracticeDynamodb            *self,
                                const PracticeDynamodbTable *table)
{
  g_autofree char *key = g_strdup_printf ("%s/%s", table->region, table->name);

  g_hash_table_remove (self->tables, key);
}

void
practice_dynamodb_start (PracticeServer *server)
{
  PracticeDynamodb *self = g_new (PracticeDynamodb, 1);

  self->server = server;
  self->store = practice_server_get_store (server);
  self->tables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) practice_dynamodb_table_unref);
  make_tables (self->store);
  practice_server_add_service (server, &service, self);
  practice_server_add_tagged (server, "dynamodb:table", practice_dynamodb_tags_list_all, self);
  g_object_set_data_full (G_OBJECT (server), "practice-dynamodb", self, service_free);
}
