/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-mapping-private.h"

#include "practice-mapping.h"

/* How long a mapping is Creating, Updating or Deleting. On AWS up to minutes; here long enough to be seen. */
#define SETTLE_MS 4

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

static void
stop_and_unref (gpointer data)
{
  practice_mapping_end (data);
  practice_mapping_unref (data);
}

/* Begins to poll, where the mapping is enabled. */
static void
begin (Mappings   *self,
       const char *uuid,
       gboolean    fresh)
{
  PracticeMapping *mapping = practice_mapping_new (self->server, uuid, fresh);

  if (mapping != NULL)
    g_hash_table_insert (self->working, g_strdup (uuid), mapping);
}

void
practice_mappings_emit (PracticeServer *server,
                        const char     *kind,
                        const char     *region,
                        const char     *uuid)
{
  g_autofree char *arn = g_strdup_printf ("arn:aws:lambda:%s:%s:event-source-mapping:%s", region, practice_server_get_account (server), uuid);

  practice_events_emit_strings (practice_server_get_events (server), kind, "arn", arn, "type", "AWS::Lambda::EventSourceMapping",
                                "name", uuid, "region", region, NULL);
}

/* Whether anything is taken from the source from now on. @state: NULL for the one that it has */
static void
emit_state (PracticeServer *server,
            const char     *uuid,
            const char     *state)
{
  sqlite3_stmt *row = practice_store_prepare (practice_server_get_store (server), "SELECT region, function_arn, source_arn, state FROM lambda_mapping WHERE uuid = ?",
                                              "s", uuid);

  if (sqlite3_step (row) == SQLITE_ROW)
    practice_events_emit_strings (practice_server_get_events (server), "mapping-changed", "region", (const char *) sqlite3_column_text (row, 0),
                                  "mappingId", uuid, "functionArn", (const char *) sqlite3_column_text (row, 1),
                                  "sourceArn", (const char *) sqlite3_column_text (row, 2),
                                  "state", state != NULL ? state : (const char *) sqlite3_column_text (row, 3), NULL);
  sqlite3_reset (row);
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
    emit_state (mappings->server, uuid, "Deleted");
    practice_store_run (store, "DELETE FROM lambda_mapping WHERE uuid = ?", "s", uuid);
    practice_mappings_emit (mappings->server, "resource-deleted", region, uuid);
  } else {
    practice_store_run (store, "UPDATE lambda_mapping SET state = CASE enabled WHEN 0 THEN 'Disabled' ELSE 'Enabled' END WHERE uuid = ?", "s", uuid);
    emit_state (mappings->server, uuid, NULL);
  }
  practice_store_commit (store, NULL);
  g_hash_table_remove (mappings->timers, uuid);
  begin (mappings, uuid, fresh);
  return G_SOURCE_REMOVE;
}

void
practice_mappings_settle (PracticeServer *server,
                          const char     *uuid)
{
  Mappings *mappings = practice_lambda_get (server)->mappings;
  PracticeMapping *working = g_hash_table_lookup (mappings->working, uuid);
  Settling *settling = g_new0 (Settling, 1);

  if (working != NULL)
    practice_mapping_end (working);
  settling->mappings = mappings;
  settling->uuid = g_strdup (uuid);
  g_hash_table_insert (mappings->timers, g_strdup (uuid),
                       GUINT_TO_POINTER (g_timeout_add_full (G_PRIORITY_DEFAULT, SETTLE_MS, settle, settling, settling_free)));
}

static gboolean
start_all (gpointer data)
{
  Mappings *mappings = data;
  g_autoptr (GPtrArray) uuids = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *rows = practice_store_prepare (practice_server_get_store (mappings->server), "SELECT uuid FROM lambda_mapping", NULL);

  mappings->start_id = 0;
  while (sqlite3_step (rows) == SQLITE_ROW)
    g_ptr_array_add (uuids, g_strdup ((const char *) sqlite3_column_text (rows, 0)));
  sqlite3_reset (rows);
  for (guint i = 0; i < uuids->len; i++) {
    emit_state (mappings->server, g_ptr_array_index (uuids, i), NULL);
    begin (mappings, g_ptr_array_index (uuids, i), FALSE);
  }
  return G_SOURCE_REMOVE;
}

void
practice_mappings_start (PracticeLambda *lambda)
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
practice_mappings_stop (PracticeLambda *lambda)
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
