/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include "aws-json.h"

/* SNS API reference: Subscribe, GetSubscriptionAttributes, SetSubscriptionAttributes, Unsubscribe, ListSubscriptionsByTopic. */

static const MillMember members[] = {
  { "FilterPolicy", "FilterPolicy", 'j' },
  { "FilterPolicyScope", "FilterPolicyScope", 's' },
  { "RawMessageDelivery", "RawMessageDelivery", 's' },
  { "RedrivePolicy", "RedrivePolicy", 'j' },
  { NULL }
};

static JsonObject *
arn_parameters (MillJob *job)
{
  return mill_properties_build ("SubscriptionArn:s", job->record->physical_id, NULL);
}

static void
set_ids (MillJob    *job,
         const char *arn)
{
  mill_job_set_id (job, arn, arn);
  mill_job_set_attribute (job, "Arn", arn);
}

static gboolean
subscribe (MillJob  *job,
           GError  **error)
{
  JsonObject *attributes = json_object_new ();
  g_autoptr(JsonObject) answer = NULL;

  mill_properties_to_parameters (job->properties, members, attributes);
  /* Without ReturnSubscriptionArn the answer to an e-mail subscription is only "pending confirmation". */
  answer = mill_job_call (job, "sns:Subscribe",
                          mill_properties_build ("TopicArn:s", mill_job_get (job, "TopicArn"), "Protocol:s", mill_job_get (job, "Protocol"),
                                                 "Endpoint:s", mill_job_get (job, "Endpoint"), "Attributes:o", attributes,
                                                 "ReturnSubscriptionArn:b", TRUE, NULL), error);
  if (answer == NULL)
    return FALSE;
  set_ids (job, aws_json_get_string (answer, "SubscriptionArn"));
  return TRUE;
}

/* The topic is ours; a subscription of this address to it is the one. */
static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonObject) parameters = mill_properties_build ("TopicArn:s", mill_job_get (job, "TopicArn"), NULL);
  g_autoptr(JsonArray) subscriptions = NULL;

  aws_call_log_set_subject (job->record->logical_id);
  subscriptions = aws_client_collect (job->client, "sns:ListSubscriptionsByTopic", parameters, job->cancellable, error);
  if (subscriptions == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (subscriptions); i++)
    {
      JsonObject *subscription = mill_array_get_object (subscriptions, i);

      /* One that waits for its confirmation is listed without an ARN; it cannot be removed and goes with its topic. */
      if (subscription != NULL && g_strcmp0 (aws_json_get_string (subscription, "Endpoint"), mill_job_get (job, "Endpoint")) == 0 &&
          g_strcmp0 (aws_json_get_string (subscription, "Protocol"), mill_job_get (job, "Protocol")) == 0 &&
          aws_json_get_string (subscription, "SubscriptionArn") != NULL && g_str_has_prefix (aws_json_get_string (subscription, "SubscriptionArn"), "arn:"))
        {
          set_ids (job, aws_json_get_string (subscription, "SubscriptionArn"));
          return TRUE;
        }
    }
  return mill_job_set_gone (job, error);
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  /* Asked again, the same subscription is answered: nothing is made twice. */
  return subscribe (job, error);
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_call (job, "sns:GetSubscriptionAttributes", arn_parameters (job), error);
  JsonObject *attributes;
  JsonObject *actual;

  if (answer == NULL)
    return NULL;
  attributes = aws_json_get_object (answer, "Attributes");
  if (attributes == NULL)
    {
      mill_job_set_gone (job, error);
      return NULL;
    }
  actual = json_object_new ();
  mill_properties_from_answer (attributes, members, actual);
  json_object_set_string_member (actual, "PendingConfirmation", aws_json_get_string (attributes, "PendingConfirmation") != NULL
                                                                ? aws_json_get_string (attributes, "PendingConfirmation") : "false");
  for (guint i = 0; i < 3; i++)
    {
      static const char *const names[] = { "TopicArn", "Protocol", "Endpoint" };
      JsonNode *value = json_object_get_member (attributes, names[i]);

      if (value != NULL)
        json_object_set_member (actual, names[i], aws_json_copy_node (value));
    }
  return actual;
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  for (const MillMember *member = members; member->property != NULL; member++)
    {
      g_autofree char *value = mill_properties_dup_text (job->properties, member->property);
      JsonObject *parameters;

      if (mill_properties_same (json_object_get_member (before, member->property), json_object_get_member (job->properties, member->property)))
        continue;
      parameters = arn_parameters (job);
      json_object_set_string_member (parameters, "AttributeName", member->member);
      json_object_set_string_member (parameters, "AttributeValue", value != NULL ? value : "");
      if (!mill_job_do (job, "sns:SetSubscriptionAttributes", parameters, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
remove_subscription (MillJob  *job,
                     GError  **error)
{
  g_autoptr(GError) local = NULL;

  if (mill_error_forgive_gone (mill_job_do (job, "sns:Unsubscribe", arn_parameters (job), &local), &local))
    return TRUE;
  /* Nobody can take back what waits for its confirmation: it vanishes with its topic, or by itself after some days, and does nothing until then. */
  if (aws_error_has_code (local, "InvalidParameter") || aws_error_has_code (local, "InvalidParameterException"))
    {
      mill_record_set_note (job->record, MILL_NOTE_PENDING, "true");
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

const MillHandler mill_handler_subscription = {
  "AWS::SNS::Subscription", NULL, NULL, create, find, read_back, update, remove_subscription,
};
