/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-handler.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"
#include "mill-engine.h"

/* IAM API reference: CreatePolicy, GetPolicyVersion, CreatePolicyVersion, DeletePolicy. */

#define FIRST_VERSION "v1"

static const MillMember members[] = {
  { "ManagedPolicyName", "PolicyName", 's' },
  { "Path", "Path", 's' },
  { "Description", "Description", 's' },
  { "PolicyDocument", "PolicyDocument", 'j' },
  { NULL }
};

static void
set_ids (MillJob    *job,
         const char *arn,
         const char *policy_id)
{
  mill_job_set_id (job, arn, arn);
  mill_job_set_attribute (job, "PolicyArn", arn);
  if (policy_id != NULL)
    mill_job_set_attribute (job, "PolicyId", policy_id);
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  const char *path = mill_job_get (job, "Path");
  g_autofree char *resource = g_strconcat ("policy", path != NULL ? path : "/", job->record->name, NULL);
  g_autofree char *arn = mill_job_dup_arn (job, "iam", resource);
  g_autoptr(JsonObject) answer = NULL;

  answer = mill_job_call (job, "iam:GetPolicy", mill_properties_build ("PolicyArn:s", arn, NULL), error);
  if (answer == NULL)
    return FALSE;
  if (!mill_job_owns (job, aws_json_get_node (answer, "Policy.Tags")))
    return mill_job_set_gone (job, error);
  set_ids (job, arn, aws_json_get_string (answer, "Policy.PolicyId"));
  return TRUE;
}

static gboolean
attach_roles (MillJob  *job,
              GError  **error)
{
  JsonArray *roles = aws_json_get_array (job->properties, "Roles");

  for (guint i = 0; roles != NULL && i < json_array_get_length (roles); i++)
    if (!mill_job_do (job, "iam:AttachRolePolicy",
                      mill_properties_build ("RoleName:s", mill_array_get (roles, i), "PolicyArn:s", job->record->physical_id, NULL), error))
      return FALSE;
  return TRUE;
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;
  JsonObject *parameters = mill_properties_build ("PolicyName:s", job->record->name, "Tags:a", mill_job_dup_tag_list (job), NULL);

  mill_properties_to_parameters (job->properties, members, parameters);
  answer = mill_job_call (job, "iam:CreatePolicy", parameters, &local);
  if (answer != NULL)
    set_ids (job, aws_json_get_string (answer, "Policy.Arn"), aws_json_get_string (answer, "Policy.PolicyId"));
  else if (!mill_error_is_there (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  else if (!find (job, NULL))
    return mill_job_set_taken (job, error);
  return attach_roles (job, error);
}

static gboolean
is_same (MillJob     *job,
         JsonObject  *policy,
         GError     **error)
{
  const char *before = aws_json_get_string (job->record->attributes, "PolicyId");

  if (before == NULL || g_strcmp0 (before, aws_json_get_string (policy, "Policy.PolicyId")) == 0)
    return TRUE;
  return mill_job_recognize (job, NULL, aws_json_get_node (policy, "Policy.Tags"), error);
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;
  g_autofree char *created = NULL;
  JsonObject *actual;

  /* The first version is the one we made: one call tells that the policy is there, that it is in force, and what it says. */
  answer = mill_job_call (job, "iam:GetPolicyVersion",
                          mill_properties_build ("PolicyArn:s", job->record->physical_id, "VersionId:s", FIRST_VERSION, NULL), &local);
  /* While it goes, no version is no policy. */
  if (answer == NULL && (!mill_error_is_gone (local) || job->record->state == MILL_RESOURCE_DELETING))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (answer != NULL)
    created = mill_properties_dup_text (aws_json_get_object (answer, "PolicyVersion"), "CreateDate");
  /* Somebody put another version in its place. */
  if (answer == NULL || !aws_json_get_boolean (answer, "PolicyVersion.IsDefaultVersion", TRUE))
    {
      g_autoptr(JsonObject) policy = mill_job_call (job, "iam:GetPolicy", mill_properties_build ("PolicyArn:s", job->record->physical_id, NULL), error);

      g_clear_pointer (&answer, json_object_unref);
      if (policy != NULL && !is_same (job, policy, error))
        return NULL;
      if (policy != NULL)
        answer = mill_job_call (job, "iam:GetPolicyVersion",
                                mill_properties_build ("PolicyArn:s", job->record->physical_id, "VersionId:s",
                                                       aws_json_get_string (policy, "Policy.DefaultVersionId"), NULL), error);
    }
  else if (!mill_job_recognize (job, created, NULL, error))
    return NULL;
  if (answer == NULL)
    return NULL;
  /* Name, path and description of a policy never change. */
  actual = aws_json_copy_object (job->properties);
  json_object_remove_member (actual, "PolicyDocument");
  if (aws_json_get_node (answer, "PolicyVersion.Document") != NULL)
    json_object_set_member (actual, "PolicyDocument", aws_json_copy_node (aws_json_get_node (answer, "PolicyVersion.Document")));
  return actual;
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  g_autofree char *document = mill_properties_dup_text (job->properties, "PolicyDocument");

  return mill_job_do (job, "iam:CreatePolicyVersion",
                      mill_properties_build ("PolicyArn:s", job->record->physical_id, "PolicyDocument:s", document, "SetAsDefault:b", TRUE, NULL), error);
}

/* Others that somebody attached the policy to, which are not ours to change. */
static void
add_others (MillJob    *job,
            JsonObject *entities,
            const char *list,
            const char *member,
            GString    *others)
{
  JsonArray *array = aws_json_get_array (entities, list);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *entity = mill_array_get_object (array, i);
      const char *name = entity != NULL ? aws_json_get_string (entity, member) : NULL;

      if (name != NULL && mill_deployment_find_by_id (job->deployment, name) == NULL)
        g_string_append_printf (others, "%s%s", others->len > 0 ? ", " : "", name);
    }
}

/* What was added to the policy by hand: further versions, and roles of ours that it was attached to. */
static gboolean
strip (MillJob  *job,
       GError  **error)
{
  const char *arn = job->record->physical_id;
  g_autoptr(JsonObject) versions = NULL;
  g_autoptr(JsonObject) entities = NULL;
  g_autoptr(GString) others = g_string_new (NULL);
  JsonArray *list;

  versions = mill_job_call (job, "iam:ListPolicyVersions", mill_properties_build ("PolicyArn:s", arn, NULL), error);
  if (versions == NULL)
    return FALSE;
  list = aws_json_get_array (versions, "Versions");
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *version = mill_array_get_object (list, i);

      if (version != NULL && !aws_json_get_boolean (version, "IsDefaultVersion", TRUE) &&
          !mill_job_do (job, "iam:DeletePolicyVersion",
                        mill_properties_build ("PolicyArn:s", arn, "VersionId:s", aws_json_get_string (version, "VersionId"), NULL), error))
        return FALSE;
    }

  entities = mill_job_call (job, "iam:ListEntitiesForPolicy", mill_properties_build ("PolicyArn:s", arn, NULL), error);
  if (entities == NULL)
    return FALSE;
  add_others (job, entities, "PolicyRoles", "RoleName", others);
  add_others (job, entities, "PolicyUsers", "UserName", others);
  add_others (job, entities, "PolicyGroups", "GroupName", others);
  if (others->len > 0)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEFT,
                   _("The policy %s cannot be deleted, because somebody attached it to a user, group or role that is not this deployment’s: %s. Detach it "
                     "there, then clean up again."), job->record->name, others->str);
      return FALSE;
    }
  list = aws_json_get_array (entities, "PolicyRoles");
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *role = mill_array_get_object (list, i);

      if (role != NULL &&
          !mill_job_do (job, "iam:DetachRolePolicy",
                        mill_properties_build ("RoleName:s", aws_json_get_string (role, "RoleName"), "PolicyArn:s", arn, NULL), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
remove_policy (MillJob  *job,
               GError  **error)
{
  g_autoptr(JsonObject) parameters = mill_properties_build ("PolicyArn:s", job->record->physical_id, NULL);
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  /* Without waiting: mostly there is nothing to strip. */
  answer = aws_client_call (job->client, "iam:DeletePolicy", parameters, NULL, &local);
  if (answer != NULL || mill_error_is_gone (local))
    return TRUE;
  if (!aws_error_has_code (local, "DeleteConflict"))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return strip (job, error) &&
         mill_job_do (job, "iam:DeletePolicy", mill_properties_build ("PolicyArn:s", job->record->physical_id, NULL), error);
}

const MillHandler mill_handler_iam_policy = {
  "AWS::IAM::ManagedPolicy", "ManagedPolicyName", NULL, create, find, read_back, update, remove_policy, TRUE,
};
