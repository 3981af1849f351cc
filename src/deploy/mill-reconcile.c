/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-engine-private.h"
#include "mill-tagged.h"

/* One intent of which it is not known whether the cloud has it. */
typedef struct {
  MillDeployment *deployment;
  GHashTable     *done;
  char           *logical_id;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_hash_table_unref (search->done);
  g_free (search->logical_id);
  g_free (search);
}

/* What was found by its tags is there, and the parameters that it was made with are not known. */
static gboolean
is_unknown (const MillRecord *record)
{
  return mill_record_may_exist (record) && !json_object_has_member (record->notes, MILL_NOTE_FOUND) && *record->physical_id == '\0' && mill_handler_find (record->type) != NULL;
}

static gboolean
look (MillTask      *task,
      gpointer       data,
      GCancellable  *cancellable,
      GError       **error)
{
  Search *search = data;
  g_autoptr(MillRecord) record = mill_deployment_dup_record (search->deployment, search->logical_id);
  g_autoptr(JsonObject) properties = NULL;
  g_autoptr(MillJob) job = NULL;
  g_autoptr(GError) local = NULL;

  if (json_object_get_size (record->properties) == 0)
    {
      properties = mill_plan_dup_properties (search->deployment, search->logical_id, search->done, NULL);
      if (properties == NULL)
        {
          /* What it is made from is not there: its turn never came. */
          mill_record_reset (record);
          mill_deployment_publish (search->deployment, record, "");
          return TRUE;
        }
      json_object_unref (record->properties);
      record->properties = json_object_ref (properties);
    }
  job = mill_job_new (search->deployment, g_steal_pointer (&record), properties, cancellable);
  if (!job->handler->find (job, &local) && !mill_error_is_gone (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  /* Not there today may still come to light tomorrow: clean-up asks again with what is known now. */
  mill_job_publish (job, "");
  return TRUE;
}

gboolean
mill_reconcile (MillDeployment  *deployment,
                GCancellable    *cancellable,
                GError         **error)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  g_autoptr(GPtrArray) records = mill_deployment_dup_records (deployment);
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();
  g_autoptr(GHashTable) done = mill_plan_dup_done (deployment);

  /* Without the tutorial nobody knows what an intent was made from; clean-up looks with what the ledger has. */
  if (tutorial == NULL)
    return TRUE;
  for (guint i = 0; i < records->len; i++)
    {
      MillRecord *record = records->pdata[i];
      const MillTemplateResource *resource = mill_template_get_resource (mill_tutorial_get_template (tutorial), record->logical_id);
      Search *search;

      if (!is_unknown (record) || resource == NULL)
        continue;
      search = g_new0 (Search, 1);
      search->deployment = deployment;
      search->done = g_hash_table_ref (done);
      search->logical_id = g_strdup (record->logical_id);
      mill_schedule_add (schedule, record->logical_id, look, search, search_free);
      for (guint j = 0; resource->depends_on[j] != NULL; j++)
        mill_schedule_add_need (schedule, record->logical_id, resource->depends_on[j]);
    }
  return mill_schedule_run (schedule, cancellable, error);
}
