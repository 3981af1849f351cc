/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-deployment-private.h"

static void
on_resource_row (sqlite3_stmt *row,
                 gpointer      user_data)
{
  MillRecord *record = mill_record_new (mill_ledger_row_get_text (row, 0), mill_ledger_row_get_text (row, 1));

  record->state = mill_resource_state_from_string (mill_ledger_row_get_text (row, 2));
  {
    char **fields[] = {
      &record->name, &record->physical_id, &record->arn, &record->token, &record->region, &record->account,
      &record->wait_reason, &record->error_code, &record->error, &record->advice, &record->request_id,
    };

    for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
      {
        g_free (*fields[i]);
        *fields[i] = g_strdup (mill_ledger_row_get_text (row, 3 + i));
      }
  }
  json_object_unref (record->properties);
  json_object_unref (record->attributes);
  json_object_unref (record->notes);
  record->properties = mill_ledger_row_dup_object (row, 14);
  record->attributes = mill_ledger_row_dup_object (row, 15);
  record->notes = mill_ledger_row_dup_object (row, 16);
  record->intended_at = sqlite3_column_int64 (row, 17);
  record->made_at = sqlite3_column_int64 (row, 18);
  record->verified_at = sqlite3_column_int64 (row, 19);
  record->deleted_at = sqlite3_column_int64 (row, 20);
  mill_deployment_restore_record (user_data, record);
}

static void
on_step_row (sqlite3_stmt *row,
             gpointer      user_data)
{
  mill_deployment_restore_step (user_data, mill_ledger_row_get_text (row, 0), mill_ledger_row_get_text (row, 1));
}

gboolean
mill_deployment_restore (MillDeployment  *self,
                         GError         **error)
{
  MillLedger *ledger = mill_deployment_get_ledger (self);
  const char *id = mill_deployment_get_id (self);

  return mill_ledger_read (ledger, on_resource_row, self, error,
                           "SELECT logical_id, type, state, name, physical_id, arn, token, region, account, wait_reason, error_code,"
                           " error, advice, request_id, properties, attributes, notes, intended_at, made_at, verified_at, deleted_at"
                           " FROM resource WHERE deployment = ? ORDER BY intended_at", "s", id) &&
         mill_ledger_read (ledger, on_step_row, self, error, "SELECT step, state FROM step WHERE deployment = ?", "s", id);
}
