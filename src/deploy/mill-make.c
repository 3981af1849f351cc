/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-engine-private.h"

#include <string.h>

static void
put_text (char       **field,
          const char  *text)
{
  g_free (*field);
  *field = g_strdup (text != NULL ? text : "");
}

void
mill_make_intent (MillRecord     *record,
                  MillDeployment *deployment,
                  const char     *name)
{
  record->state = MILL_RESOURCE_INTENDED;
  put_text (&record->name, name);
  put_text (&record->region, mill_target_get_region (mill_deployment_get_target (deployment)));
  put_text (&record->account, mill_deployment_get_account (deployment));
  put_text (&record->token, mill_deployment_get_id (deployment));
  put_text (&record->wait_reason, "");
  mill_record_set_error (record, NULL);
  record->intended_at = g_get_real_time ();
  record->made_at = record->verified_at = record->deleted_at = 0;
}

/* The intent, with all that is needed to find the thing again. One that was announced is on the disk already. */
static gboolean
intend (MillJob   *job,
        gboolean   announced,
        GError   **error)
{
  MillRecord *record = job->record;
  MillLedger *ledger = mill_deployment_get_ledger (job->deployment);
  const char *name_property = job->handler->name_property;

  if (!job->resumed)
    mill_record_reset (record);
  mill_make_intent (record, job->deployment, name_property != NULL ? mill_job_get (job, name_property) : "");
  json_object_unref (record->properties);
  record->properties = json_object_ref (job->properties);
  mill_job_publish (job, "");
  return announced ? mill_ledger_write (ledger, error) : mill_ledger_commit (ledger, error);
}

gboolean
mill_make (MillJob   *job,
           MillTask  *task,
           gboolean   announced,
           GError   **error)
{
  MillRecord *record = job->record;
  g_autoptr(GError) local = NULL;

  mill_job_forget (job);
  if (!intend (job, announced, error))
    return FALSE;
  if (!job->handler->create (job, &local))
    {
      put_text (&record->wait_reason, "");
      /* Stopped in the middle: the cloud may or may not have it, and that is what the ledger says. */
      if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          record->state = MILL_RESOURCE_FAILED;
          mill_record_set_error (record, local);
        }
      else if (record->state == MILL_RESOURCE_WAITING)
        record->state = MILL_RESOURCE_MADE;
      put_text (&record->request_id, aws_call_log_get_request_id ());
      mill_job_publish (job, local->message);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  record->state = MILL_RESOURCE_MADE;
  record->made_at = g_get_real_time ();
  put_text (&record->request_id, aws_call_log_get_request_id ());
  mill_job_publish (job, "");
  /* Others go on while it is read back. */
  if (task != NULL)
    mill_task_release (task);

  if (!mill_verify (job, error))
    return FALSE;
  /* What an earlier attempt made half, or with other values. */
  if (job->resumed && record->state == MILL_RESOURCE_CHANGED && job->handler->update != NULL)
    {
      g_autoptr(JsonObject) actual = job->handler->read (job, error);

      if (actual == NULL)
        return FALSE;
      json_object_unref (record->properties);
      record->properties = g_steal_pointer (&actual);
      return mill_change (job, error) && mill_verify (job, error);
    }
  return TRUE;
}
