/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-handler.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"

/* SQS API reference: CreateQueue, GetQueueUrl, GetQueueAttributes, SetQueueAttributes, DeleteQueue. */

static const MillMember members[] = {
  { "DelaySeconds", "DelaySeconds", 's' },
  { "MaximumMessageSize", "MaximumMessageSize", 's' },
  { "MessageRetentionPeriod", "MessageRetentionPeriod", 's' },
  { "ReceiveMessageWaitTimeSeconds", "ReceiveMessageWaitTimeSeconds", 's' },
  { "VisibilityTimeout", "VisibilityTimeout", 's' },
  { "FifoQueue", "FifoQueue", 's' },
  { "ContentBasedDeduplication", "ContentBasedDeduplication", 's' },
  { "DeduplicationScope", "DeduplicationScope", 's' },
  { "FifoThroughputLimit", "FifoThroughputLimit", 's' },
  { "RedrivePolicy", "RedrivePolicy", 'j' },
  { "RedriveAllowPolicy", "RedriveAllowPolicy", 'j' },
  { "SqsManagedSseEnabled", "SqsManagedSseEnabled", 's' },
  { NULL }
};

static void
set_ids (MillJob    *job,
         const char *url)
{
  g_autofree char *arn = mill_job_dup_arn (job, "sqs", job->record->name);

  mill_job_set_id (job, url, arn);
  mill_job_set_attribute (job, "Arn", arn);
  mill_job_set_attribute (job, "QueueName", job->record->name);
  mill_job_set_attribute (job, "QueueUrl", url);
}

static JsonObject *
url_parameters (MillJob *job)
{
  return mill_properties_build ("QueueUrl:s", job->record->physical_id, NULL);
}

/* What is there under the name: its URL, NULL with an error where there is nothing. @ours: (out) */
static char *
look (MillJob   *job,
      gboolean  *ours,
      GError   **error)
{
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(JsonObject) tags = NULL;
  const char *url;

  answer = mill_job_call (job, "sqs:GetQueueUrl", mill_properties_build ("QueueName:s", job->record->name, NULL), error);
  if (answer == NULL)
    return NULL;
  url = aws_json_get_string (answer, "QueueUrl");
  if (url == NULL)
    {
      mill_job_set_gone (job, error);
      return NULL;
    }
  tags = mill_job_call (job, "sqs:ListQueueTags", mill_properties_build ("QueueUrl:s", url, NULL), error);
  if (tags == NULL)
    return NULL;
  *ours = mill_job_owns (job, json_object_get_member (tags, "Tags"));
  return g_strdup (url);
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  gboolean ours = FALSE;
  g_autofree char *url = look (job, &ours, error);

  if (url == NULL)
    return FALSE;
  if (!ours)
    return mill_job_set_gone (job, error);
  set_ids (job, url);
  return TRUE;
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;
  g_autofree char *url = NULL;
  JsonObject *attributes = json_object_new ();
  gboolean ours = FALSE;

  mill_properties_to_parameters (job->properties, members, attributes);

  /* CreateQueue answers a queue of somebody else that has these attributes as if it had made it: so look first. */
  url = look (job, &ours, &local);
  if (url != NULL || !mill_error_is_gone (local))
    {
      json_object_unref (attributes);
      if (url == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (!ours)
        return mill_job_set_taken (job, error);
      set_ids (job, url);
      return TRUE;
    }

  answer = mill_job_call (job, "sqs:CreateQueue",
                          mill_properties_build ("QueueName:s", job->record->name, "Attributes:o", attributes, "tags:o", mill_job_dup_tag_map (job), NULL),
                          error);
  if (answer == NULL)
    return FALSE;
  set_ids (job, aws_json_get_string (answer, "QueueUrl"));
  return TRUE;
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  JsonObject *parameters = url_parameters (job);
  g_autoptr(JsonObject) answer = NULL;
  JsonObject *attributes;
  JsonObject *actual;

  json_object_set_array_member (parameters, "AttributeNames", mill_array_new ("All", NULL));
  answer = mill_job_call (job, "sqs:GetQueueAttributes", parameters, error);
  if (answer == NULL || !mill_job_recognize (job, aws_json_get_string (answer, "Attributes.CreatedTimestamp"), NULL, error))
    return NULL;
  actual = mill_properties_build ("QueueName:s", job->record->name, "Tags:n", json_object_get_member (job->properties, "Tags"), NULL);
  attributes = aws_json_get_object (answer, "Attributes");
  if (attributes != NULL)
    mill_properties_from_answer (attributes, members, actual);
  return actual;
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  JsonObject *attributes = json_object_new ();
  JsonObject *parameters = url_parameters (job);

  mill_properties_to_parameters (job->properties, members, attributes);
  /* Cannot be set later. */
  json_object_remove_member (attributes, "FifoQueue");
  /* An empty text takes away what has parts: a redrive policy that somebody added. */
  for (const MillMember *member = members; member->property != NULL; member++)
    if (member->type == 'j' && json_object_has_member (before, member->property) && !json_object_has_member (job->properties, member->property))
      json_object_set_string_member (attributes, member->member, "");
  if (json_object_get_size (attributes) == 0)
    {
      json_object_unref (attributes);
      json_object_unref (parameters);
      return TRUE;
    }
  json_object_set_object_member (parameters, "Attributes", attributes);
  return mill_job_do (job, "sqs:SetQueueAttributes", parameters, error);
}

static gboolean
remove_queue (MillJob  *job,
              GError  **error)
{
  return mill_error_forgive_gone (mill_job_do (job, "sqs:DeleteQueue", url_parameters (job), error), error);
}

const MillHandler mill_handler_queue = {
  "AWS::SQS::Queue", "QueueName", NULL, create, find, read_back, update, remove_queue, TRUE,
};
