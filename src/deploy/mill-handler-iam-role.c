/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include "aws-json.h"

/* IAM API reference: CreateRole, AttachRolePolicy, PutRolePolicy, DeleteRole. */

static const MillMember members[] = {
  { "Path", "Path", 's' },
  { "Description", "Description", 's' },
  { "AssumeRolePolicyDocument", "AssumeRolePolicyDocument", 'j' },
  { "MaxSessionDuration", "MaxSessionDuration", 'n' },
  { NULL }
};

static void
set_ids (MillJob    *job,
         JsonObject *role)
{
  const char *arn = aws_json_get_string (role, "Arn");

  mill_job_set_id (job, job->record->name, arn);
  mill_job_set_attribute (job, "Arn", arn);
  mill_job_set_attribute (job, "RoleId", aws_json_get_string (role, "RoleId"));
}

static JsonObject *
name_parameters (MillJob *job)
{
  return mill_properties_build ("RoleName:s", job->record->name, NULL);
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_call (job, "iam:GetRole", name_parameters (job), error);
  JsonObject *role;

  if (answer == NULL)
    return FALSE;
  role = aws_json_get_object (answer, "Role");
  if (role == NULL || !mill_job_owns (job, json_object_get_member (role, "Tags")))
    return mill_job_set_gone (job, error);
  set_ids (job, role);
  return TRUE;
}

static gboolean
attach (MillJob     *job,
        const char  *operation,
        const char  *arn,
        GError     **error)
{
  return mill_job_do (job, operation, mill_properties_build ("RoleName:s", job->record->name, "PolicyArn:s", arn, NULL), error);
}

static gboolean
put_policies (MillJob  *job,
              GError  **error)
{
  JsonArray *attached = aws_json_get_array (job->properties, "ManagedPolicyArns");
  JsonArray *own = aws_json_get_array (job->properties, "Policies");

  for (guint i = 0; attached != NULL && i < json_array_get_length (attached); i++)
    if (!attach (job, "iam:AttachRolePolicy", mill_array_get (attached, i), error))
      return FALSE;
  for (guint i = 0; own != NULL && i < json_array_get_length (own); i++)
    {
      JsonObject *policy = mill_array_get_object (own, i);
      g_autofree char *document = policy != NULL ? mill_properties_dup_text (policy, "PolicyDocument") : NULL;

      if (policy != NULL &&
          !mill_job_do (job, "iam:PutRolePolicy",
                        mill_properties_build ("RoleName:s", job->record->name, "PolicyName:s", aws_json_get_string (policy, "PolicyName"),
                                               "PolicyDocument:s", document, NULL), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  JsonObject *parameters = mill_properties_build ("RoleName:s", job->record->name, "Tags:a", mill_job_dup_tag_list (job), NULL);
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  mill_properties_to_parameters (job->properties, members, parameters);
  answer = mill_job_call (job, "iam:CreateRole", parameters, &local);
  if (answer != NULL && aws_json_get_object (answer, "Role") != NULL)
    {
      set_ids (job, aws_json_get_object (answer, "Role"));
      if (aws_json_get_node (answer, "Role.AssumeRolePolicyDocument") != NULL)
        job->answer = g_steal_pointer (&answer);
    }
  else if (local == NULL || !mill_error_is_there (local))
    {
      g_propagate_error (error, local != NULL ? g_steal_pointer (&local) : aws_error_new (AWS_ERROR_ANSWER, "", "CreateRole answered no role", NULL, 0, FALSE));
      return FALSE;
    }
  else if (!find (job, NULL))
    return mill_job_set_taken (job, error);
  /* Known from now on, whatever happens to its policies. */
  mill_job_set_made (job);
  return put_policies (job, error);
}

/* The documents of the inline policies that we put there. */
static gboolean
read_own_policies (MillJob     *job,
                   JsonObject  *actual,
                   GError     **error)
{
  JsonArray *wanted = aws_json_get_array (job->properties, "Policies");
  JsonArray *found;

  if (wanted == NULL || json_array_get_length (wanted) == 0)
    return TRUE;
  found = json_array_new ();
  json_object_set_array_member (actual, "Policies", found);
  for (guint i = 0; i < json_array_get_length (wanted); i++)
    {
      JsonObject *policy = mill_array_get_object (wanted, i);
      const char *name = policy != NULL ? aws_json_get_string (policy, "PolicyName") : NULL;
      g_autoptr(JsonObject) answer = NULL;
      g_autoptr(GError) local = NULL;

      answer = mill_job_call (job, "iam:GetRolePolicy", mill_properties_build ("RoleName:s", job->record->name, "PolicyName:s", name, NULL), &local);
      if (answer != NULL)
        json_array_add_object_element (found, mill_properties_build ("PolicyName:s", name, "PolicyDocument:n",
                                                                     json_object_get_member (answer, "PolicyDocument"), NULL));
      else if (!mill_error_is_gone (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return TRUE;
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) actual = json_object_new ();
  g_autoptr(JsonObject) answer = NULL;
  JsonObject *role;

  answer = mill_job_look (job, "iam:GetRole", name_parameters (job), error);
  if (answer == NULL)
    return NULL;
  role = aws_json_get_object (answer, "Role");
  if (role == NULL)
    {
      mill_job_set_gone (job, error);
      return NULL;
    }
  if (!mill_job_recognize (job, aws_json_get_string (role, "RoleId"), json_object_get_member (role, "Tags"), error))
    return NULL;
  mill_properties_from_answer (role, members, actual);
  json_object_set_string_member (actual, "RoleName", job->record->name);

  if (json_object_has_member (job->properties, "ManagedPolicyArns"))
    {
      g_autoptr(JsonObject) attached = mill_job_call (job, "iam:ListAttachedRolePolicies", name_parameters (job), error);
      JsonArray *list = attached != NULL ? aws_json_get_array (attached, "AttachedPolicies") : NULL;
      JsonArray *arns;

      if (attached == NULL)
        return NULL;
      arns = json_array_new ();
      json_object_set_array_member (actual, "ManagedPolicyArns", arns);
      for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
        {
          JsonObject *policy = mill_array_get_object (list, i);

          if (policy != NULL && aws_json_get_string (policy, "PolicyArn") != NULL)
            json_array_add_string_element (arns, aws_json_get_string (policy, "PolicyArn"));
        }
    }
  if (!read_own_policies (job, actual, error))
    return NULL;
  return g_steal_pointer (&actual);
}

static gboolean
contains (JsonArray  *array,
          const char *text)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (g_strcmp0 (mill_array_get (array, i), text) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  JsonArray *old = aws_json_get_array (before, "ManagedPolicyArns");
  JsonArray *now = aws_json_get_array (job->properties, "ManagedPolicyArns");

  for (guint i = 0; old != NULL && i < json_array_get_length (old); i++)
    if (!contains (now, mill_array_get (old, i)) &&
        !mill_error_forgive_gone (attach (job, "iam:DetachRolePolicy", mill_array_get (old, i), error), error))
      return FALSE;
  if (!mill_properties_same (json_object_get_member (before, "AssumeRolePolicyDocument"),
                             json_object_get_member (job->properties, "AssumeRolePolicyDocument")))
    {
      g_autofree char *document = mill_properties_dup_text (job->properties, "AssumeRolePolicyDocument");

      if (!mill_job_do (job, "iam:UpdateAssumeRolePolicy",
                        mill_properties_build ("RoleName:s", job->record->name, "PolicyDocument:s", document, NULL), error))
        return FALSE;
    }
  return put_policies (job, error);
}

/* Whatever is on the role by now, ours or added by hand. */
static gboolean
strip (MillJob  *job,
       GError  **error)
{
  g_autoptr(JsonObject) parameters = name_parameters (job);
  g_autoptr(JsonArray) attached = NULL;
  g_autoptr(JsonArray) own = NULL;

  attached = aws_client_collect (job->client, "iam:ListAttachedRolePolicies", parameters, job->cancellable, error);
  if (attached == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (attached); i++)
    {
      JsonObject *policy = mill_array_get_object (attached, i);

      if (policy != NULL && !attach (job, "iam:DetachRolePolicy", aws_json_get_string (policy, "PolicyArn"), error))
        return FALSE;
    }
  own = aws_client_collect (job->client, "iam:ListRolePolicies", parameters, job->cancellable, error);
  if (own == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (own); i++)
    if (!mill_job_do (job, "iam:DeleteRolePolicy",
                      mill_properties_build ("RoleName:s", job->record->name, "PolicyName:s", mill_array_get (own, i), NULL), error))
      return FALSE;
  return TRUE;
}

static gboolean
remove_role (MillJob  *job,
             GError  **error)
{
  JsonArray *attached = aws_json_get_array (job->properties, "ManagedPolicyArns");
  JsonArray *own = aws_json_get_array (job->properties, "Policies");
  g_autoptr(JsonObject) parameters = name_parameters (job);
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  for (guint i = 0; attached != NULL && i < json_array_get_length (attached); i++)
    if (!mill_error_forgive_gone (attach (job, "iam:DetachRolePolicy", mill_array_get (attached, i), error), error))
      return FALSE;
  for (guint i = 0; own != NULL && i < json_array_get_length (own); i++)
    {
      JsonObject *policy = mill_array_get_object (own, i);
      const char *name = policy != NULL ? aws_json_get_string (policy, "PolicyName") : NULL;

      if (!mill_error_forgive_gone (mill_job_do (job, "iam:DeleteRolePolicy",
                                                 mill_properties_build ("RoleName:s", job->record->name, "PolicyName:s", name, NULL), error), error))
        return FALSE;
    }

  /* Without waiting: mostly nothing was added by hand. */
  answer = aws_client_call (job->client, "iam:DeleteRole", parameters, NULL, &local);
  if (answer != NULL || mill_error_is_gone (local))
    return TRUE;
  if (!aws_error_has_code (local, "DeleteConflict"))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return mill_error_forgive_gone (strip (job, error) && mill_job_do (job, "iam:DeleteRole", name_parameters (job), error), error);
}

const MillHandler mill_handler_iam_role = {
  "AWS::IAM::Role", "RoleName", NULL, create, find, read_back, update, remove_role, TRUE,
};
