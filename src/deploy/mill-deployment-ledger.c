/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-deployment-internal.h"

#include "aws-json.h"

/* So many calls of a resource are kept: a role that cannot be assumed yet is tried for a while. */
#define MOST_CALLS 20

static const char *const step_state_names[] = { "to-do", "running", "done", "failed" };

/* What is marked NoEcho in the template is kept in memory alone. */
static char *
parameters_to_text (MillDeployment *self)
{
  g_autoptr(JsonObject) object = json_object_new ();
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, self->parameters);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const MillParameter *parameter = self->tutorial == NULL ? NULL
        : mill_template_get_parameter (mill_tutorial_get_template (self->tutorial), name);

      if (parameter == NULL || !parameter->no_echo)
        json_object_set_string_member (object, name, value);
    }
  return aws_json_object_to_text (object);
}

/* The ledger holds no secret: values of NoEcho parameters are blanked in what was sent. */
static char *
blank_secrets (MillDeployment *self,
               char           *text)
{
  GPtrArray *parameters;

  if (self->tutorial == NULL)
    return text;
  parameters = mill_template_get_parameters (mill_tutorial_get_template (self->tutorial));
  for (guint i = 0; i < parameters->len; i++)
    {
      const MillParameter *parameter = parameters->pdata[i];
      const char *value = g_hash_table_lookup (self->parameters, parameter->name);

      if (parameter->no_echo && value != NULL && *value != '\0')
        {
          g_autoptr(JsonNode) node = json_node_init_string (json_node_alloc (), value);
          g_autofree char *quoted = aws_json_to_text (node);
          g_auto(GStrv) parts = NULL;

          /* As it stands inside a JSON text, without the quotes. */
          quoted[strlen (quoted) - 1] = '\0';
          parts = g_strsplit (text, quoted + 1, -1);
          g_free (text);
          text = g_strjoinv ("****", parts);
        }
    }
  return text;
}

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
  MillDeployment *self = user_data;
  const char *step = mill_ledger_row_get_text (row, 0);

  for (guint i = 0; i < G_N_ELEMENTS (step_state_names); i++)
    if (g_str_equal (mill_ledger_row_get_text (row, 1), step_state_names[i]))
      {
        g_hash_table_insert (self->step_states, g_strdup (step), GUINT_TO_POINTER (i));
        g_hash_table_insert (self->new_step_states, g_strdup (step), GUINT_TO_POINTER (i));
      }
}

void
mill_deployment_save (MillDeployment *self)
{
  g_autofree char *parameters = parameters_to_text (self);
  MillDeploymentState state;
  const char *account;

  g_mutex_lock (&self->mutex);
  account = self->account;
  state = self->new_state;
  g_mutex_unlock (&self->mutex);

  mill_ledger_queue (self->ledger,
                     "INSERT INTO deployment (id, tutorial, target, region, account, state, created, parameters)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                     " ON CONFLICT (id) DO UPDATE SET region = excluded.region, account = excluded.account,"
                     " state = excluded.state, parameters = excluded.parameters", "ssssssis",
                     self->id, self->tutorial_id, mill_target_get_spec (self->target), mill_target_get_region (self->target),
                     account, mill_deployment_state_to_string (state), self->created, parameters);
}

void
mill_deployment_put_record (MillDeployment   *self,
                            const MillRecord *record)
{
  g_autofree char *sent = blank_secrets (self, aws_json_object_to_text (record->properties));
  g_autofree char *attributes = aws_json_object_to_text (record->attributes);
  g_autofree char *notes = aws_json_object_to_text (record->notes);

  mill_ledger_queue (self->ledger,
                     "INSERT OR REPLACE INTO resource (deployment, logical_id, type, state, name, physical_id, arn, token, region,"
                     " account, wait_reason, error_code, error, advice, request_id, properties, attributes, notes,"
                     " intended_at, made_at, verified_at, deleted_at)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ssssssssssssssssssiiii",
                     self->id, record->logical_id, record->type, mill_resource_state_to_string (record->state), record->name,
                     record->physical_id, record->arn, record->token, record->region, record->account, record->wait_reason,
                     record->error_code, record->error, record->advice, record->request_id, sent, attributes, notes,
                     record->intended_at, record->made_at, record->verified_at, record->deleted_at);
}

void
mill_deployment_put_history (MillDeployment   *self,
                             const MillRecord *record,
                             const char       *detail)
{
  mill_ledger_queue (self->ledger,
                     "INSERT INTO history (deployment, logical_id, time, state, physical_id, detail, request_id)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?)", "ssissss",
                     self->id, record->logical_id, g_get_real_time (), mill_resource_state_to_string (record->state),
                     record->physical_id, detail, record->request_id);
}

void
mill_deployment_put_call (MillDeployment *self,
                          const char     *logical_id,
                          AwsCall        *call)
{
  g_autofree char *parameters = blank_secrets (self, aws_json_object_to_text (aws_call_get_parameters (call)));

  mill_ledger_queue (self->ledger,
                     "INSERT INTO call (deployment, logical_id, operation, parameters, status, error_code, request_id, started, duration)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", "ssssissii",
                     self->id, logical_id, aws_call_get_operation (call), parameters, (gint64) aws_call_get_status (call),
                     aws_call_get_error_code (call), aws_call_get_request_id (call), aws_call_get_started (call), aws_call_get_duration (call));
  mill_ledger_queue (self->ledger,
                     "DELETE FROM call WHERE deployment = ?1 AND logical_id = ?2 AND seq <="
                     " (SELECT seq FROM call WHERE deployment = ?1 AND logical_id = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)", "ssi",
                     self->id, logical_id, (gint64) MOST_CALLS);
}

void
mill_deployment_put_step_state (MillDeployment *self,
                                const char     *step,
                                MillStepState   state)
{
  mill_ledger_queue (self->ledger, "INSERT OR REPLACE INTO step (deployment, step, state, time) VALUES (?, ?, ?, ?)", "sssi",
                     self->id, step, step_state_names[state], g_get_real_time ());
}

typedef struct {
  GPtrArray *calls;
  char *logical_id;
} CallSearch;

static void
call_search_free (CallSearch *search)
{
  g_ptr_array_unref (search->calls);
  g_free (search->logical_id);
  g_free (search);
}

static void
on_call_row (sqlite3_stmt *row,
             gpointer      user_data)
{
  CallSearch *search = user_data;
  g_autoptr(JsonObject) parameters = mill_ledger_row_dup_object (row, 1);

  g_ptr_array_add (search->calls, aws_call_restore (mill_ledger_row_get_text (row, 0), parameters, sqlite3_column_int (row, 2), mill_ledger_row_get_text (row, 3),
                                                    mill_ledger_row_get_text (row, 4), sqlite3_column_int64 (row, 5), sqlite3_column_int64 (row, 6), search->logical_id));
}

static void
load_calls (GTask        *task,
            gpointer      source,
            gpointer      data,
            GCancellable *cancellable)
{
  MillDeployment *self = source;
  CallSearch *search = data;
  g_autoptr(GError) error = NULL;

  if (mill_ledger_read (self->ledger, on_call_row, search, &error,
                        "SELECT operation, parameters, status, error_code, request_id, started, duration FROM call"
                        " WHERE deployment = ? AND logical_id = ? ORDER BY seq", "ss", self->id, search->logical_id))
    g_task_return_pointer (task, g_ptr_array_ref (search->calls), (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
mill_deployment_load_calls_async (MillDeployment      *self,
                                  const char          *logical_id,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  CallSearch *search = g_new0 (CallSearch, 1);

  search->calls = g_ptr_array_new_with_free_func (g_object_unref);
  search->logical_id = g_strdup (logical_id);
  g_task_set_source_tag (task, mill_deployment_load_calls_async);
  g_task_set_task_data (task, search, (GDestroyNotify) call_search_free);
  g_task_run_in_thread (task, load_calls);
}

GPtrArray *
mill_deployment_load_calls_finish (MillDeployment  *self,
                                   GAsyncResult    *result,
                                   GError         **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
mill_deployment_restore (MillDeployment  *self,
                         GError         **error)
{
  return mill_ledger_read (self->ledger, on_resource_row, self, error,
                           "SELECT logical_id, type, state, name, physical_id, arn, token, region, account, wait_reason, error_code,"
                           " error, advice, request_id, properties, attributes, notes, intended_at, made_at, verified_at, deleted_at"
                           " FROM resource WHERE deployment = ? ORDER BY intended_at", "s", self->id) &&
         mill_ledger_read (self->ledger, on_step_row, self, error, "SELECT step, state FROM step WHERE deployment = ?", "s", self->id);
}
