/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include <string.h>

#include "aws-json.h"

/* SNS API reference: CreateTopic, GetTopicAttributes, SetTopicAttributes, DeleteTopic. */

static const MillMember members[] = {
  { "DisplayName", "DisplayName", 's' },
  { "FifoTopic", "FifoTopic", 's' },
  { "ContentBasedDeduplication", "ContentBasedDeduplication", 's' },
  { NULL }
};

static JsonObject *
arn_parameters (MillJob *job)
{
  return mill_properties_build ("TopicArn:s", job->record->physical_id, NULL);
}

static void
set_ids (MillJob    *job,
         const char *arn)
{
  mill_job_set_id (job, arn, arn);
  mill_job_set_attribute (job, "TopicArn", arn);
  mill_job_set_attribute (job, "TopicName", job->record->name);
}

/* Whether the topic bears our tags; an error that is "gone" where there is no such topic. */
static gboolean
is_ours (MillJob     *job,
         const char  *arn,
         gboolean    *ours,
         GError     **error)
{
  g_autoptr(JsonObject) tags = mill_job_call (job, "sns:ListTagsForResource", mill_properties_build ("ResourceArn:s", arn, NULL), error);

  if (tags == NULL)
    return FALSE;
  *ours = mill_job_owns (job, json_object_get_member (tags, "Tags"));
  return TRUE;
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autofree char *arn = mill_job_dup_arn (job, "sns", job->record->name);
  gboolean ours = FALSE;

  if (!is_ours (job, arn, &ours, error))
    return FALSE;
  if (!ours)
    return mill_job_set_gone (job, error);
  set_ids (job, arn);
  return TRUE;
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;
  g_autoptr(JsonObject) attributes = json_object_new ();
  gboolean ours = FALSE;

  mill_properties_to_parameters (job->properties, members, attributes);
  answer = mill_job_call (job, "sns:CreateTopic",
                          mill_properties_build ("Name:s", job->record->name, "Attributes:o", json_object_ref (attributes), "Tags:a", mill_job_dup_tag_list (job), NULL),
                          &local);
  if (answer == NULL)
    {
      /* "Topic already exists with different tags", or with different attributes. */
      if (aws_error_has_code (local, "InvalidParameter") && strstr (local->message, "already exists") != NULL && !find (job, NULL))
        return mill_job_set_taken (job, error);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  /* A topic that was there is answered like a new one, untouched; not every endpoint minds that its tags are others. */
  if (!is_ours (job, aws_json_get_string (answer, "TopicArn"), &ours, error))
    return FALSE;
  if (!ours)
    return mill_job_set_taken (job, error);
  set_ids (job, aws_json_get_string (answer, "TopicArn"));
  /* The tags were read from it just now: it is there, and where nothing but the name was asked for, that is all there is to know. */
  if (json_object_get_size (attributes) == 0)
    job->actual = aws_json_copy_object (job->properties);
  return TRUE;
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_call (job, "sns:GetTopicAttributes", arn_parameters (job), error);
  g_autoptr(JsonObject) tags = NULL;
  JsonObject *attributes;
  JsonObject *actual;

  if (answer == NULL)
    return NULL;
  /* A topic has neither an id nor a date: its tags are all there is. */
  tags = mill_job_call (job, "sns:ListTagsForResource", mill_properties_build ("ResourceArn:s", job->record->physical_id, NULL), error);
  if (tags == NULL || !mill_job_recognize (job, NULL, json_object_get_member (tags, "Tags"), error))
    return NULL;
  actual = mill_properties_build ("TopicName:s", job->record->name, "Tags:n", json_object_get_member (job->properties, "Tags"), NULL);
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
  static const char *const changeable[] = { "DisplayName", "ContentBasedDeduplication" };

  for (guint i = 0; i < G_N_ELEMENTS (changeable); i++)
    {
      g_autofree char *value = mill_properties_dup_text (job->properties, changeable[i]);
      JsonObject *parameters;

      if (mill_properties_same (json_object_get_member (before, changeable[i]), json_object_get_member (job->properties, changeable[i])))
        continue;
      parameters = arn_parameters (job);
      json_object_set_string_member (parameters, "AttributeName", changeable[i]);
      json_object_set_string_member (parameters, "AttributeValue", value != NULL ? value : "");
      if (!mill_job_do (job, "sns:SetTopicAttributes", parameters, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
remove_topic (MillJob  *job,
              GError  **error)
{
  return mill_error_forgive_gone (mill_job_do (job, "sns:DeleteTopic", arn_parameters (job), error), error);
}

const MillHandler mill_handler_topic = {
  "AWS::SNS::Topic", "TopicName", NULL, create, find, read_back, update, remove_topic, TRUE,
};
