/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include "aws-json.h"

/* CloudWatch Logs API reference: CreateLogGroup, PutRetentionPolicy, DescribeLogGroups, DeleteLogGroup. */

static JsonObject *
name_parameters (MillJob *job)
{
  return mill_properties_build ("logGroupName:s", job->record->name, NULL);
}

static void
set_ids (MillJob *job)
{
  g_autofree char *resource = g_strdup_printf ("log-group:%s:*", job->record->name);
  g_autofree char *arn = mill_job_dup_arn (job, "logs", resource);

  mill_job_set_id (job, job->record->name, arn);
  mill_job_set_attribute (job, "Arn", arn);
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autofree char *resource = g_strconcat ("log-group:", job->record->name, NULL);
  g_autofree char *arn = mill_job_dup_arn (job, "logs", resource);
  g_autoptr(JsonObject) tags = NULL;

  tags = mill_job_call (job, "logs:ListTagsForResource", mill_properties_build ("resourceArn:s", arn, NULL), error);
  if (tags == NULL)
    return FALSE;
  if (!mill_job_owns (job, json_object_get_member (tags, "tags")))
    return mill_job_set_gone (job, error);
  set_ids (job);
  return TRUE;
}

static gboolean
put_retention (MillJob  *job,
               GError  **error)
{
  JsonObject *parameters;

  if (!json_object_has_member (job->properties, "RetentionInDays"))
    return TRUE;
  parameters = name_parameters (job);
  json_object_set_member (parameters, "retentionInDays", aws_json_copy_node (json_object_get_member (job->properties, "RetentionInDays")));
  return mill_job_do (job, "logs:PutRetentionPolicy", parameters, error);
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  JsonObject *parameters = name_parameters (job);
  g_autoptr(GError) local = NULL;

  json_object_set_object_member (parameters, "tags", mill_job_dup_tag_map (job));
  if (mill_job_do (job, "logs:CreateLogGroup", parameters, &local))
    set_ids (job);
  else if (!mill_error_is_there (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  else if (!find (job, NULL))
    return mill_job_set_taken (job, error);
  return put_retention (job, error);
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) parameters = mill_properties_build ("logGroupNamePrefix:s", job->record->name, NULL);
  g_autoptr(JsonArray) groups = NULL;

  aws_call_log_set_subject (job->record->logical_id);
  groups = aws_client_collect (job->client, "logs:DescribeLogGroups", parameters, job->cancellable, error);
  if (groups == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (groups); i++)
    {
      JsonObject *group = mill_array_get_object (groups, i);

      if (group != NULL && g_strcmp0 (aws_json_get_string (group, "logGroupName"), job->record->name) == 0)
        {
          g_autofree char *created = mill_properties_dup_text (group, "creationTime");

          if (!mill_job_recognize (job, created, NULL, error))
            return NULL;
          return mill_properties_build ("LogGroupName:s", job->record->name, "RetentionInDays:n", json_object_get_member (group, "retentionInDays"),
                                        "Tags:n", json_object_get_member (job->properties, "Tags"), NULL);
        }
    }
  mill_job_set_gone (job, error);
  return NULL;
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  return put_retention (job, error);
}

static gboolean
remove_group (MillJob  *job,
              GError  **error)
{
  return mill_error_forgive_gone (mill_job_do (job, "logs:DeleteLogGroup", name_parameters (job), error), error);
}

const MillHandler mill_handler_log_group = {
  "AWS::Logs::LogGroup", "LogGroupName", NULL, create, find, read_back, update, remove_group, TRUE,
};
