/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-handler.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine.h"
#include "mill-permission.h"

/*
 * Where an account lets nobody make roles (AWS Academy's learner labs), one that is there stands for each of the tutorial's own roles, and its
 * policies for the tutorial's policies. It is looked at, and neither changed nor deleted.
 */

static const char *
get_name (MillJob *job)
{
  return mill_deployment_get_role (job->deployment);
}

/* The services that @document lets assume the role: {service} of each statement. */
static GPtrArray *
list_services (JsonObject *document)
{
  JsonArray *statements = document != NULL ? aws_json_get_array (document, "Statement") : NULL;
  GPtrArray *services = g_ptr_array_new ();

  for (guint i = 0; statements != NULL && i < json_array_get_length (statements); i++)
    {
      JsonObject *statement = mill_array_get_object (statements, i);
      const char *one = statement != NULL ? aws_json_get_string (statement, "Principal.Service") : NULL;
      JsonArray *many = statement != NULL ? aws_json_get_array (statement, "Principal.Service") : NULL;

      if (one != NULL)
        g_ptr_array_add (services, (gpointer) one);
      for (guint j = 0; many != NULL && j < json_array_get_length (many); j++)
        if (mill_array_get (many, j) != NULL)
          g_ptr_array_add (services, (gpointer) mill_array_get (many, j));
    }
  return services;
}

static gboolean
check_trust (MillJob     *job,
             JsonObject  *trust,
             GError     **error)
{
  g_autoptr(GPtrArray) services = list_services (aws_json_get_object (job->properties, "AssumeRolePolicyDocument"));

  for (guint i = 0; trust != NULL && i < services->len; i++)
    if (!mill_permission_trusts (trust, services->pdata[i]))
      {
        g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY,
                     _("The role %s cannot be used here: its trust policy does not name %s. Choose another role."), get_name (job),
                     (const char *) services->pdata[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
take_role (MillJob  *job,
           GError  **error)
{
  g_autofree char *resource = g_strconcat ("role/", get_name (job), NULL);
  g_autofree char *arn = mill_job_dup_arn (job, "iam", resource);
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  answer = mill_job_call (job, "iam:GetRole", mill_properties_build ("RoleName:s", get_name (job), NULL), &local);
  /* Who may not look at it may be able to use it all the same. */
  if (answer == NULL && !aws_error_has_code (local, "AccessDenied"))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (answer != NULL && !check_trust (job, aws_json_get_object (answer, "Role.AssumeRolePolicyDocument"), error))
    return FALSE;
  if (answer != NULL && aws_json_get_string (answer, "Role.Arn") != NULL)
    {
      g_free (arn);
      arn = g_strdup (aws_json_get_string (answer, "Role.Arn"));
    }
  g_free (job->record->name);
  job->record->name = g_strdup (get_name (job));
  mill_job_set_id (job, get_name (job), arn);
  mill_job_set_attribute (job, "Arn", arn);
  mill_job_set_attribute (job, "RoleId", answer != NULL ? aws_json_get_string (answer, "Role.RoleId") : "");
  return TRUE;
}

/* Nothing is made of it: what refers to the policy is the role that it would hang on. */
static gboolean
take_policy (MillJob  *job,
             GError  **error)
{
  g_free (job->record->name);
  job->record->name = g_strdup (get_name (job));
  mill_job_set_id (job, get_name (job), "");
  return TRUE;
}

/* What was not taken yet is nothing that could be left behind. */
static gboolean
find_nothing (MillJob  *job,
              GError  **error)
{
  return mill_job_set_gone (job, error);
}

/* It counts as what the template says: it is not ours to compare. */
static JsonObject *
read_role (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  answer = mill_job_call (job, "iam:GetRole", mill_properties_build ("RoleName:s", job->record->physical_id, NULL), &local);
  if (answer != NULL || aws_error_has_code (local, "AccessDenied"))
    return aws_json_copy_object (job->properties);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static JsonObject *
read_policy (MillJob  *job,
             GError  **error)
{
  return aws_json_copy_object (job->properties);
}

static gboolean
leave (MillJob     *job,
       JsonObject  *before,
       GError     **error)
{
  return TRUE;
}

static gboolean
give_back (MillJob  *job,
           GError  **error)
{
  return TRUE;
}

const MillHandler mill_handler_borrowed_role = {
  "AWS::IAM::Role", NULL, NULL, take_role, find_nothing, read_role, leave, give_back, FALSE, TRUE,
};

const MillHandler mill_handler_borrowed_policy = {
  "AWS::IAM::ManagedPolicy", NULL, NULL, take_policy, find_nothing, read_policy, leave, give_back, FALSE, TRUE,
};
