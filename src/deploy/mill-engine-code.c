/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-code.h"
#include "mill-engine-private.h"

#define FUNCTION_TYPE "AWS::Lambda::Function"

typedef struct {
  char       *function;
  GHashTable *files;
} Code;

static void
code_free (gpointer data)
{
  Code *code = data;

  g_free (code->function);
  g_hash_table_unref (code->files);
  g_free (code);
}

/* The folder whose code the function has: as it was made, or as the tutorial would make it. */
static char *
dup_folder (MillDeployment  *deployment,
            const char      *function,
            GError         **error)
{
  g_autoptr(MillRecord) record = mill_deployment_dup_record (deployment, function);
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  g_autoptr(JsonObject) properties = NULL;

  if (record == NULL || strcmp (record->type, FUNCTION_TYPE) != 0)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("%s has no function “%s”."), mill_deployment_get_id (deployment), function);
      return NULL;
    }
  if (mill_record_may_exist (record) && aws_json_get_string (record->properties, "Code") != NULL)
    return g_strdup (aws_json_get_string (record->properties, "Code"));
  properties = tutorial != NULL ? mill_tutorial_get_properties_at (tutorial, function, NULL) : NULL;
  if (properties == NULL || aws_json_get_string (properties, "Code") == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("The tutorial says nothing of the code of %s."), function);
      return NULL;
    }
  return g_strdup (aws_json_get_string (properties, "Code"));
}

static gpointer
code_work (MillDeployment  *deployment,
           gpointer         data,
           GCancellable    *cancellable,
           GError         **error)
{
  Code *code = data;
  g_autofree char *folder = dup_folder (deployment, code->function, error);
  g_autoptr(MillRecord) record = NULL;
  g_autoptr(MillJob) job = NULL;

  if (folder == NULL)
    return NULL;
  /* Kept before it is sent: the next build uses it, whatever happens now. */
  mill_code_store (deployment, code->function, folder, code->files);
  if (!mill_ledger_commit (mill_deployment_get_ledger (deployment), error))
    return NULL;
  record = mill_deployment_dup_record (deployment, code->function);
  if (!mill_record_may_exist (record) || *record->physical_id == '\0')
    return deployment;
  job = mill_job_new (deployment, g_steal_pointer (&record), NULL, cancellable);
  return mill_change (job, error) && mill_verify (job, error) ? deployment : NULL;
}

void
mill_engine_set_code_async (MillEngine          *self,
                            MillDeployment      *deployment,
                            const char          *function,
                            GHashTable          *files,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  Code *code = g_new0 (Code, 1);

  code->function = g_strdup (function);
  code->files = g_hash_table_ref (files);
  mill_engine_run (self, deployment, TRUE, code_work, code, code_free, NULL, mill_engine_set_code_async, cancellable, callback, user_data);
}

gboolean
mill_engine_set_code_finish (MillEngine    *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  return mill_engine_run_finish (self, result, mill_engine_set_code_async, error) != NULL;
}

GHashTable *
mill_engine_dup_code (MillEngine      *self,
                      MillDeployment  *deployment,
                      const char      *function,
                      GError         **error)
{
  g_autofree char *folder = dup_folder (deployment, function, error);

  return folder != NULL ? mill_code_load (deployment, function, folder, error) : NULL;
}
