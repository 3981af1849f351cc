/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tracer-private.h"

#include <string.h>

#define MAX_MAILS 2000

/* Table and stream */

void
mill_tracer_on_table_written (MillTracer *self,
                              JsonObject *event)
{
  const char *arn = aws_json_get_string (event, "tableArn");
  const char *invocation = aws_json_get_string (event, "invocationId");
  const char *event_id = aws_json_get_string (event, "eventID");
  const char *event_name = aws_json_get_string (event, "eventName");
  const char *component = arn != NULL ? self->resolve ("table", arn, NULL, self->resolve_data) : NULL;
  g_autofree char *keys = mill_tracer_text (aws_json_get_object (event, "keys"));
  g_autofree char *image = mill_tracer_text (aws_json_get_object (event, "newImage"));
  gboolean known = invocation != NULL && g_hash_table_contains (self->invocations, invocation);
  MillHop *table, *stream;

  if (keys == NULL || (component == NULL && !known))
    return;
  stream = mill_tracer_find_hop (self, "stream", event_id);
  if (stream != NULL && (stream->previous != NULL || !stream->inferred))
    return;
  table = mill_hop_new ("table", component != NULL ? component : arn, keys, mill_tracer_number (event, "time"));
  table->left = table->arrived;
  /* Not before its record is there, so that nothing looks delivered in between. */
  table->status = event_id == NULL ? MILL_HOP_OK : MILL_HOP_UNDER_WAY;
  mill_hop_set_payload (table, image != NULL ? image : keys);
  if (known)
    mill_tracer_place_written (self, table, invocation);
  else if (invocation == NULL && event_id != NULL && aws_json_get_int (event, "seq", 0) == 0)
    mill_tracer_place_by_keys (self, table, aws_json_get_object (event, "keys"));
  else
    mill_tracer_changed (self, mill_tracer_add_hop (self, table, NULL));
  if (component != NULL && g_strcmp0 (event_name, "MODIFY") != 0)
    mill_tracer_count (self, self->counts, component, g_strcmp0 (event_name, "REMOVE") == 0 ? -1 : 1);
  if (event_id == NULL)
    return;
  if (stream != NULL)
    {
      /* A function was seen with it first. */
      stream->inferred = FALSE;
      stream->arrived = table->arrived;
      mill_hop_set_payload (stream, table->payload);
      stream->record = mill_tracer_text (aws_json_get_object (event, "record"));
      table->status = MILL_HOP_OK;
      mill_tracer_attach (self, stream, table);
      mill_tracer_changed (self, table);
      mill_tracer_changed (self, stream);
      mill_tracer_hand_on (self, stream);
      return;
    }
  stream = mill_hop_new ("stream", table->component, event_id, table->arrived);
  mill_hop_set_payload (stream, table->payload);
  stream->record = mill_tracer_text (aws_json_get_object (event, "record"));
  table->status = MILL_HOP_OK;
  /* Without a reader the record just lies there; that is no message on its way. */
  if (arn == NULL || self->resolve ("reader", arn, NULL, self->resolve_data) == NULL)
    stream->status = MILL_HOP_OK;
  mill_tracer_add_hop (self, stream, table);
  mill_tracer_changed (self, table);
  mill_tracer_changed (self, stream);
  mill_tracer_note_failing (self, stream);
}

/* Topic and deliveries */

/* A mail may be seen before anybody told of what it tells. */
static void
keep_delivery (MillTracer *self,
               JsonObject *event)
{
  const char *id = aws_json_get_string (event, "messageId");
  GPtrArray *kept = id != NULL ? g_hash_table_lookup (self->deliveries, id) : NULL;

  if (id == NULL)
    return;
  if (kept == NULL)
    {
      if (g_hash_table_size (self->deliveries) >= MAX_MAILS)
        g_hash_table_remove_all (self->deliveries);
      kept = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
      g_hash_table_insert (self->deliveries, g_strdup (id), kept);
    }
  g_ptr_array_add (kept, json_object_ref (event));
}

static void
take_kept_deliveries (MillTracer *self,
                      const char *id)
{
  g_autofree char *key = NULL;
  gpointer found;

  if (!g_hash_table_steal_extended (self->deliveries, id, (gpointer *) &key, &found))
    return;
  for (guint i = 0; i < ((GPtrArray *) found)->len; i++)
    mill_tracer_on_topic_delivered (self, ((GPtrArray *) found)->pdata[i]);
  g_ptr_array_unref (found);
}

/* The hop of a message that is published as @event says, in no trace yet. @component: (nullable): the topic's, where it is one of ours */
static MillHop *
make_topic_hop (MillTracer *self,
                JsonObject *event,
                const char *component)
{
  const char *arn = aws_json_get_string (event, "topicArn");
  MillHop *hop = mill_hop_new ("topic", component != NULL ? component : arn != NULL ? arn : "SMS", aws_json_get_string (event, "messageId"),
                               mill_tracer_number (event, "time"));

  mill_hop_set_payload (hop, aws_json_get_string (event, "message"));
  /* Known to have gone on when a delivery is told of; a topic that nobody subscribed to ends here. */
  if (arn != NULL && self->resolve ("subscriber", arn, NULL, self->resolve_data) == NULL)
    {
      hop->status = MILL_HOP_FAILED;
      hop->left = hop->arrived;
      mill_hop_set_error (hop, "Nobody subscribed to this topic, so the message went nowhere.", "Add a subscription and confirm it.");
    }
  hop->pending = hop->status == MILL_HOP_UNDER_WAY && component != NULL && g_hash_table_contains (self->subscriptions, component);
  return hop;
}

void
mill_tracer_on_topic_published (MillTracer *self,
                                JsonObject *event)
{
  const char *arn = aws_json_get_string (event, "topicArn");
  const char *id = aws_json_get_string (event, "messageId");
  const char *invocation = aws_json_get_string (event, "invocationId");
  const char *component = arn != NULL ? self->resolve ("topic", arn, NULL, self->resolve_data) : NULL;
  gboolean known = invocation != NULL && g_hash_table_contains (self->invocations, invocation);
  MillHop *hop = mill_tracer_find_hop (self, "topic", id);

  if (id == NULL || (component == NULL && !known))
    return;
  if (hop != NULL)
    {
      /* It was read at a tap first, and it was not known who published it. */
      if (known && hop->previous == NULL && !hop->awaited)
        mill_tracer_place_written (self, hop, invocation);
      return;
    }
  hop = make_topic_hop (self, event, component);
  if (known)
    mill_tracer_place_written (self, hop, invocation);
  else
    mill_tracer_changed (self, mill_tracer_add_hop (self, hop, NULL));
  if (component != NULL)
    mill_tracer_count (self, self->counts, component, 1);
  take_kept_deliveries (self, id);
}

/* Deliveries show what was published, where they do not know it better. */
static void
show_message (MillTracer *self,
              MillHop    *topic,
              const char *message)
{
  GPtrArray *hops = topic->trace != NULL ? mill_trace_get_hops (topic->trace) : NULL;

  mill_hop_set_payload (topic, message);
  for (guint i = 0; hops != NULL && i < hops->len; i++)
    {
      MillHop *hop = hops->pdata[i];

      if (hop->previous != topic || hop->payload != NULL || g_str_equal (hop->kind, "queue") || g_str_equal (hop->kind, "function"))
        continue;
      mill_hop_set_payload (hop, message);
      mill_tracer_changed (self, hop);
    }
  mill_tracer_changed (self, topic);
}

void
mill_tracer_on_topic_tapped (MillTracer *self,
                             JsonObject *event)
{
  const char *arn = aws_json_get_string (event, "topicArn");
  const char *id = aws_json_get_string (event, "messageId");
  const char *message = aws_json_get_string (event, "message");
  const char *component = arn != NULL ? self->resolve ("topic", arn, NULL, self->resolve_data) : NULL;
  MillHop *hop = mill_tracer_find_hop (self, "topic", id);

  if (id == NULL || message == NULL || component == NULL)
    return;
  if (hop != NULL)
    {
      if (hop->payload == NULL)
        show_message (self, hop, message);
      return;
    }
  /* Who published it may be told later, and where it was nobody of ours, never. */
  hop = make_topic_hop (self, event, component);
  mill_tracer_place_by_out (self, hop, id);
  mill_tracer_count (self, self->counts, component, 1);
  take_kept_deliveries (self, id);
}

/* What was inferred of a delivery gives way to what is told of it. */
static void
drop_inferred (MillTracer *self,
               const char *kind,
               const char *key)
{
  MillHop *hop = mill_tracer_find_hop (self, kind, key);

  if (hop == NULL || !hop->inferred)
    return;
  mill_tracer_count (self, hop->status == MILL_HOP_FAILED ? self->errors : self->counts, hop->component, -1);
  mill_tracer_remove_hop (self, hop);
}

void
mill_tracer_on_topic_delivered (MillTracer *self,
                                JsonObject *event)
{
  MillHop *topic = mill_tracer_find_hop (self, "topic", aws_json_get_string (event, "messageId"));
  const char *protocol = aws_json_get_string (event, "protocol");
  const char *status = aws_json_get_string (event, "status");
  const char *delivery = aws_json_get_string (event, "deliveryId");
  gboolean mail = protocol != NULL && g_str_has_prefix (protocol, "email");
  const char *kind = mail ? "mail" : g_strcmp0 (protocol, "sms") == 0 ? "sms" : protocol;
  const char *told = aws_json_get_string (event, "subscriptionArn");
  /* "PendingConfirmation" is none. */
  const char *arn = told != NULL && strchr (told, ':') != NULL ? told : "";
  const char *endpoint = aws_json_get_string (event, "endpoint");
  const char *component;
  g_autofree char *key = NULL;
  g_autofree char *error = mill_tracer_error_text (event);
  MillHop *hop;

  if (kind == NULL || status == NULL)
    return;
  /* Nobody's delivery: who watches reads it. */
  if (endpoint != NULL && self->resolve ("tap", endpoint, NULL, self->resolve_data) != NULL)
    return;
  if (topic == NULL)
    {
      if (aws_json_get_int (event, "seq", 0) == 0)
        keep_delivery (self, event);
      return;
    }
  /* The line that told of the publishing was written after it. */
  topic->arrived = MIN (topic->arrived, mill_tracer_number (event, "time"));
  if (topic->status == MILL_HOP_UNDER_WAY)
    {
      topic->status = topic->pending ? MILL_HOP_UNDER_WAY : MILL_HOP_OK;
      if (topic->left == 0)
        topic->left = mill_tracer_number (event, "time");
    }
  /* A queue or a function tells of its own arrivals. */
  if (!mail && g_strcmp0 (protocol, "sms") != 0 && g_str_equal (status, "delivered"))
    {
      mill_tracer_changed (self, topic);
      return;
    }
  component = self->resolve (kind, arn, endpoint, self->resolve_data);
  /* One that waits for its confirmation shows no ARN to everybody; its endpoint is known by all. */
  if (endpoint == NULL)
    endpoint = arn;
  key = g_strdup_printf ("%s/%s", topic->message_id, endpoint);
  if (mill_tracer_find_hop (self, kind, delivery != NULL ? delivery : key) != NULL)
    {
      mill_tracer_changed (self, topic);
      return;
    }
  if (delivery != NULL)
    drop_inferred (self, kind, key);
  hop = mill_hop_new (kind, component != NULL ? component : endpoint, delivery != NULL ? delivery : key, mill_tracer_number (event, "time"));
  hop->inferred = aws_json_get_boolean (event, "inferred", FALSE);
  hop->left = hop->arrived;
  mill_hop_set_payload (hop, delivery != NULL && g_hash_table_contains (self->mails, delivery)
                             ? g_hash_table_lookup (self->mails, delivery) : topic->payload);
  if (g_str_equal (status, "delivered"))
    hop->status = MILL_HOP_OK;
  else if (g_str_equal (status, "filtered"))
    {
      hop->status = MILL_HOP_FILTERED;
      mill_hop_set_error (hop, "The subscription’s filter policy does not match this message.", NULL);
    }
  else if (g_str_equal (status, "pending-confirmation"))
    {
      g_autofree char *sentence = g_strdup_printf ("The subscription of %s is not confirmed, so no mail was sent.", endpoint);

      hop->status = MILL_HOP_FAILED;
      mill_hop_set_error (hop, sentence, "Open the link in the confirmation mail, then send the message again.");
    }
  else
    {
      hop->status = MILL_HOP_FAILED;
      mill_hop_set_error (hop, error != NULL ? error : "The delivery failed.", NULL);
    }
  mill_tracer_add_hop (self, hop, topic);
  mill_tracer_count (self, hop->status == MILL_HOP_FAILED ? self->errors : self->counts, hop->component, 1);
  mill_tracer_changed (self, topic);
  mill_tracer_changed (self, hop);
}

void
mill_tracer_on_mail (MillTracer *self,
                     JsonObject *event)
{
  const char *id = aws_json_get_string (event, "id");
  const char *body = aws_json_get_string (event, "body");
  const char *kind = g_strcmp0 (aws_json_get_string (event, "kind"), "sms") == 0 ? "sms" : "mail";
  MillHop *hop = mill_tracer_find_hop (self, kind, id);

  if (id == NULL || body == NULL)
    return;
  if (hop != NULL)
    {
      mill_hop_set_payload (hop, body);
      mill_tracer_changed (self, hop);
      return;
    }
  g_hash_table_replace (self->mails, g_strdup (id), g_strdup (body));
  g_queue_push_tail (&self->mail_order, g_strdup (id));
  if (self->mail_order.length > MAX_MAILS)
    {
      g_autofree char *oldest = g_queue_pop_head (&self->mail_order);
      g_hash_table_remove (self->mails, oldest);
    }
}
