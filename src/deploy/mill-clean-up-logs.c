/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-clean-up-private.h"

#include <string.h>

#include "aws-json.h"

#define FUNCTION_TYPE "AWS::Lambda::Function"
#define STAGE_TYPE "AWS::ApiGateway::Stage"
#define LOG_GROUP_TYPE "AWS::Logs::LogGroup"
#define NOTE_CREATED "Created"

void
mill_clean_logs_free (gpointer data)
{
  MillCleanLogs *logs = data;

  g_free (logs->group);
  g_clear_error (&logs->error);
  g_free (logs);
}

static gboolean
has_own_group (MillClean  *clean,
               const char *group)
{
  for (guint i = 0; i < clean->pieces->len; i++)
    {
      MillRecord *record = ((MillCleanPiece *) clean->pieces->pdata[i])->job->record;

      if (strcmp (record->type, LOG_GROUP_TYPE) == 0 && strcmp (record->name, group) == 0)
        return TRUE;
    }
  return FALSE;
}

/* "2026-01-31T12:34:56.789+0000" in milliseconds since 1970; 0 where it is not a time. */
static gint64
parse_time (const char *text)
{
  g_autoptr(GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL ? g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000 : 0;
}

void
mill_clean_collect_logs (MillClean *self)
{
  for (guint i = 0; i < self->pieces->len; i++)
    {
      MillCleanPiece *piece = self->pieces->pdata[i];
      MillRecord *record = piece->job->record;
      g_autofree char *group = NULL;
      gint64 since = 0;
      MillCleanLogs *logs;

      if (strcmp (record->type, FUNCTION_TYPE) == 0 && *record->name != '\0')
        {
          group = g_strconcat ("/aws/lambda/", record->name, NULL);
          since = parse_time (aws_json_get_string (record->notes, NOTE_CREATED));
        }
      else if (strcmp (record->type, STAGE_TYPE) == 0 && aws_json_get_string (record->properties, "RestApiId") != NULL)
        group = g_strdup_printf ("API-Gateway-Execution-Logs_%s/%s", aws_json_get_string (record->properties, "RestApiId"), record->name);
      if (group == NULL || has_own_group (self, group))
        continue;
      logs = g_new0 (MillCleanLogs, 1);
      logs->clean = self;
      logs->group = g_steal_pointer (&group);
      logs->since = since;
      logs->maker = piece;
      g_ptr_array_add (self->logs, logs);
    }
}

/* Whether there was a group of that name before the function; what cannot be known counts as no. */
static gboolean
is_older (MillCleanLogs *logs,
          AwsClient     *client,
          GCancellable  *cancellable)
{
  g_autoptr(JsonObject) parameters = mill_properties_build ("logGroupNamePrefix:s", logs->group, NULL);
  g_autoptr(JsonArray) groups = NULL;

  if (logs->since == 0)
    return FALSE;
  groups = aws_client_collect (client, "logs:DescribeLogGroups", parameters, cancellable, NULL);
  for (guint i = 0; groups != NULL && i < json_array_get_length (groups); i++)
    {
      JsonObject *group = mill_array_get_object (groups, i);

      if (group != NULL && g_strcmp0 (aws_json_get_string (group, "logGroupName"), logs->group) == 0)
        return aws_json_get_int (group, "creationTime", G_MAXINT64) < logs->since;
    }
  return FALSE;
}

/* Whether the function was never made, or its name is another function's by now: then the group is that one's. */
static gboolean
is_others (MillCleanLogs *logs)
{
  return logs->maker->job->replaced || *logs->maker->job->record->physical_id == '\0';
}

/* Functions write to them late, so they go after function and role, and are looked for again at the end. */
gboolean
mill_clean_delete_logs (MillTask      *task,
                        gpointer       data,
                        GCancellable  *cancellable,
                        GError       **error)
{
  MillCleanLogs *logs = data;
  AwsClient *client = mill_target_get_client (mill_deployment_get_target (logs->clean->deployment));
  g_autoptr(JsonObject) parameters = mill_properties_build ("logGroupName:s", logs->group, NULL);
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  aws_call_log_set_subject (logs->maker->logical_id);
  logs->older = is_others (logs) || is_older (logs, client, cancellable);
  if (logs->older)
    return TRUE;
  answer = aws_client_call (client, "logs:DeleteLogGroup", parameters, NULL, &local);
  g_clear_error (&logs->error);
  logs->found = logs->found || answer != NULL;
  if (answer == NULL && !mill_error_is_gone (local))
    {
      logs->error = g_error_copy (local);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}
