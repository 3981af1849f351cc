/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a topic to its subscribers. */
#include <string.h>

#include "practice-filter-policy.h"
#include "practice-json.h"
#include "practice-services.h"
#include "practice-sns-message.h"

/* A delivery whose answer is not there yet. */
typedef struct {
  PracticeSns             *sns;
  PracticeSnsSubscription *subscription;
  char                    *region;
  char                    *message_id;
  char                    *dead_letter;        /* the body for the dead-letter queue */
  char                    *group_id;
  char                    *deduplication_id;
} Delivery;

static void
delivery_free (Delivery *delivery)
{
  practice_sns_subscription_free (delivery->subscription);
  g_free (delivery->region);
  g_free (delivery->message_id);
  g_free (delivery->dead_letter);
  g_free (delivery->group_id);
  g_free (delivery->deduplication_id);
  g_free (delivery);
}

static void
emit_delivered (PracticeSns             *self,
                PracticeSnsSubscription *subscription,
                const char              *region,
                const char              *message_id,
                const char              *status,
                const char              *error,
                const char              *delivery_id)
{
  practice_events_emit_strings (self->events, "topic-delivered", "region", region, "topicArn", subscription->topic_arn,
                                "messageId", message_id, "subscriptionArn", subscription->arn, "protocol", subscription->protocol,
                                "endpoint", subscription->endpoint, "status", status, "error", error, "deliveryId", delivery_id, NULL);
}

/* (transfer full): the principal that SNS is to other services. */
static PracticePrincipal *
make_principal (PracticeSns *self,
                const char  *topic_arn)
{
  return practice_principal_new_service ("sns.amazonaws.com", topic_arn, practice_server_get_account (self->server));
}

/* (transfer full): "arn:aws:sqs:us-east-1:000000000000:orders" → the queue's URL and, in @region, its region */
static char *
arn_to_url (PracticeSns  *self,
            const char   *arn,
            char        **region)
{
  g_auto (GStrv) parts = g_strsplit (arn, ":", 6);

  if (g_strv_length (parts) != 6)
    return NULL;
  *region = g_strdup (parts[3]);
  return g_strdup_printf ("%s/%s/%s", practice_server_get_url (self->server), parts[4], parts[5]);
}

static void
send_to_queue (PracticeSns        *self,
               const char         *queue_arn,
               const char         *topic_arn,
               const char         *message_id,
               const char         *body,
               JsonObject         *attributes,
               const char         *group_id,
               const char         *deduplication_id,
               PracticeAnswerFunc  callback,
               gpointer            user_data)
{
  g_autoptr (PracticePrincipal) principal = make_principal (self, topic_arn);
  g_autofree char *region = NULL;
  g_autofree char *url = arn_to_url (self, queue_arn, &region);
  JsonObject *params = json_object_new ();

  json_object_set_string_member (params, "QueueUrl", url != NULL ? url : queue_arn);
  json_object_set_string_member (params, "MessageBody", body);
  json_object_set_string_member (params, "MillraceTopicMessageId", message_id);
  if (attributes != NULL && json_object_get_size (attributes) > 0)
    json_object_set_object_member (params, "MessageAttributes", json_object_ref (attributes));
  if (group_id != NULL)
    json_object_set_string_member (params, "MessageGroupId", group_id);
  if (deduplication_id != NULL && g_str_has_suffix (queue_arn, ".fifo"))
    json_object_set_string_member (params, "MessageDeduplicationId", deduplication_id);
  practice_server_call (self->server, principal, "sqs", "SendMessage", region, params, NULL, callback, user_data);
}

static void
on_dead_letter (const PracticeAnswer *answer,
                gpointer              data)
{
  g_autofree char *arn = data;

  if (answer->code != NULL)
    g_info ("sns: the dead letter for %s was refused: %s", arn, answer->code);
}

static void
on_answer (const PracticeAnswer *answer,
           gpointer              data)
{
  Delivery *delivery = data;
  PracticeSnsSubscription *subscription = delivery->subscription;
  gboolean queue = strcmp (subscription->protocol, "sqs") == 0;
  g_autofree char *error = NULL;

  /* A function that fails has got its message: its own retries and destinations take over. */
  if (answer->code == NULL || (!queue && strcmp (answer->code, "Unhandled") == 0)) {
    const char *id = queue && answer->result != NULL ? practice_json_get_string (answer->result, "MessageId") : answer->request_id;

    emit_delivered (delivery->sns, subscription, delivery->region, delivery->message_id, "delivered", NULL, id);
  } else {
    const char *redrive = practice_json_get_string (subscription->attributes, "RedrivePolicy");
    g_autoptr (JsonObject) policy = redrive != NULL ? practice_json_parse_object (redrive, -1, NULL) : NULL;
    const char *target = policy != NULL ? practice_json_get_string (policy, "deadLetterTargetArn") : NULL;

    error = g_strdup_printf ("%s: %s", answer->code, answer->message != NULL ? answer->message : "");
    emit_delivered (delivery->sns, subscription, delivery->region, delivery->message_id, "failed", error, NULL);
    if (target != NULL)
      send_to_queue (delivery->sns, target, subscription->topic_arn, delivery->message_id, delivery->dead_letter, NULL,
                     delivery->group_id, delivery->deduplication_id, on_dead_letter, g_strdup (subscription->arn));
  }
  delivery_free (delivery);
}

static Delivery *
delivery_new (PracticeSns             *self,
              PracticeSnsTopic        *topic,
              PracticeSnsSubscription *subscription,
              PracticeSnsMessage      *message,
              const char              *dead_letter)
{
  Delivery *delivery = g_new0 (Delivery, 1);

  delivery->sns = self;
  delivery->subscription = practice_sns_load_subscription (self, subscription->arn);
  delivery->region = g_strdup (topic->region);
  delivery->message_id = g_strdup (message->id);
  delivery->dead_letter = g_strdup (dead_letter);
  delivery->group_id = g_strdup (message->group_id);
  delivery->deduplication_id = g_strdup (message->deduplication_id);
  return delivery;
}

static char *
write_envelope (PracticeSns             *self,
                PracticeSnsTopic        *topic,
                PracticeSnsSubscription *subscription,
                PracticeSnsMessage      *message)
{
  g_autofree char *link = practice_sns_get_unsubscribe_link (self, subscription);
  g_autoptr (JsonObject) envelope =
    practice_sns_message_to_envelope (message, topic, subscription->protocol, practice_server_get_url (self->server), link);

  return practice_json_object_to_text (envelope);
}

static void
deliver_to_queue (PracticeSns             *self,
                  PracticeSnsTopic        *topic,
                  PracticeSnsSubscription *subscription,
                  PracticeSnsMessage      *message)
{
  g_autofree char *envelope = write_envelope (self, topic, subscription, message);
  gboolean raw = g_strcmp0 (practice_json_get_string (subscription->attributes, "RawMessageDelivery"), "true") == 0;

  send_to_queue (self, subscription->endpoint, topic->arn, message->id, raw ? practice_sns_message_get_text (message, "sqs") : envelope,
                 raw ? message->attributes : NULL, message->group_id, message->deduplication_id,
                 on_answer, delivery_new (self, topic, subscription, message, envelope));
}

static void
deliver_to_function (PracticeSns             *self,
                     PracticeSnsTopic        *topic,
                     PracticeSnsSubscription *subscription,
                     PracticeSnsMessage      *message)
{
  g_autoptr (PracticePrincipal) principal = make_principal (self, topic->arn);
  g_autofree char *link = practice_sns_get_unsubscribe_link (self, subscription);
  g_autoptr (JsonObject) event = json_object_new ();
  g_autoptr (GBytes) payload = NULL;
  JsonObject *record = json_object_new ();
  JsonObject *origin = json_object_new ();
  JsonArray *records = json_array_new ();
  JsonArray *origins = json_array_new ();
  char *text;

  /* Lambda Developer Guide, "Invoking Lambda functions with Amazon SNS notifications". */
  json_object_set_string_member (record, "EventSource", "aws:sns");
  json_object_set_string_member (record, "EventVersion", "1.0");
  json_object_set_string_member (record, "EventSubscriptionArn", subscription->arn);
  json_object_set_object_member (record, "Sns",
                                 practice_sns_message_to_envelope (message, topic, "lambda", practice_server_get_url (self->server), link));
  json_array_add_object_element (records, record);
  json_object_set_array_member (event, "Records", records);
  text = practice_json_object_to_text (event);
  payload = g_bytes_new_take (text, strlen (text));

  json_object_set_string_member (origin, "messageId", message->id);
  json_array_add_object_element (origins, origin);
  practice_lambda_invoke (self->server, principal, subscription->endpoint, "topic", origins, payload, TRUE,
                          on_answer, delivery_new (self, topic, subscription, message, text));
}

static void
deliver_by_mail (PracticeSns             *self,
                 PracticeSnsTopic        *topic,
                 PracticeSnsSubscription *subscription,
                 PracticeSnsMessage      *message)
{
  const char *display_name = practice_json_get_string (topic->attributes, "DisplayName");
  g_autofree char *link = practice_sns_get_unsubscribe_link (self, subscription);
  g_autofree char *text = strcmp (subscription->protocol, "email-json") == 0
                            ? write_envelope (self, topic, subscription, message)
                            : g_strdup (practice_sns_message_get_text (message, "email"));
  g_autofree char *body = NULL;
  g_autofree char *id = NULL;

  body = g_strdup_printf ("%s\n\n--\nThis mail comes from the topic %s. To get no more of them, open this link:\n%s\n", text,
                          display_name != NULL && *display_name != '\0' ? display_name : topic->arn, link);
  id = practice_inbox_add_mail (self->server, subscription->endpoint, message->subject != NULL ? message->subject : "AWS Notification Message",
                                body, topic->arn, message->id, NULL);
  emit_delivered (self, subscription, topic->region, message->id, "delivered", NULL, id);
}

static void
deliver_by_sms (PracticeSns             *self,
                PracticeSnsTopic        *topic,
                PracticeSnsSubscription *subscription,
                PracticeSnsMessage      *message)
{
  const char *display_name = practice_json_get_string (topic->attributes, "DisplayName");
  const char *text = practice_sns_message_get_text (message, "sms");
  g_autofree char *named = display_name != NULL && *display_name != '\0' ? g_strdup_printf ("%s> %s", display_name, text) : NULL;
  const char *error = NULL;
  g_autofree char *id = practice_sns_send_sms (self, topic->region, subscription->endpoint, named != NULL ? named : text, message->id,
                                               &error);

  emit_delivered (self, subscription, topic->region, message->id, id != NULL ? "delivered" : "failed", error, id);
}

static gboolean
wants (PracticeSnsSubscription *subscription,
       PracticeSnsMessage      *message)
{
  const char *text = practice_json_get_string (subscription->attributes, "FilterPolicy");
  const char *scope = practice_json_get_string (subscription->attributes, "FilterPolicyScope");
  g_autoptr (PracticeFilterPolicy) policy = NULL;

  if (text == NULL)
    return TRUE;
  policy = practice_filter_policy_new (text, g_strcmp0 (scope, "MessageBody") == 0 ? PRACTICE_FILTER_SCOPE_BODY
                                                                                  : PRACTICE_FILTER_SCOPE_ATTRIBUTES, NULL);
  return policy != NULL && practice_filter_policy_matches (policy, message->attributes, message->text);
}

void
practice_sns_deliver_to (PracticeSns             *self,
                         PracticeSnsTopic        *topic,
                         PracticeSnsSubscription *subscription,
                         PracticeSnsMessage      *message)
{
  if (strcmp (subscription->protocol, "sqs") == 0)
    deliver_to_queue (self, topic, subscription, message);
  else if (strcmp (subscription->protocol, "lambda") == 0)
    deliver_to_function (self, topic, subscription, message);
  else if (strcmp (subscription->protocol, "sms") == 0)
    deliver_by_sms (self, topic, subscription, message);
  else if (g_str_has_prefix (subscription->protocol, "email"))
    deliver_by_mail (self, topic, subscription, message);
  else
    emit_delivered (self, subscription, topic->region, message->id, "failed",
                    "The practice cloud sends nothing to web servers.", NULL);
}

void
practice_sns_deliver (PracticeSns        *self,
                      PracticeSnsTopic   *topic,
                      PracticeSnsMessage *message)
{
  g_autoptr (GPtrArray) subscriptions = practice_sns_list_subscriptions (self, topic->arn);

  for (guint i = 0; i < subscriptions->len; i++) {
    PracticeSnsSubscription *subscription = g_ptr_array_index (subscriptions, i);

    if (!subscription->confirmed)
      emit_delivered (self, subscription, topic->region, message->id, "pending-confirmation", NULL, NULL);
    else if (!wants (subscription, message))
      emit_delivered (self, subscription, topic->region, message->id, "filtered", NULL, NULL);
    else if (!practice_sns_hold (self, topic, subscription, message, NULL))
      practice_sns_deliver_to (self, topic, subscription, message);
  }
}
