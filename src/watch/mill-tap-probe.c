/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tap-probe.h"

#include "aws-json.h"
#include "mill-tap-envelope.h"
#include "mill-tracer-private.h"

/* SQS API reference: ReceiveMessage, DeleteMessageBatch. */
#define MOST_AT_ONCE 10
/* A poll takes no more; the rest is for the next one. */
#define MOST_ROUNDS 10
/* The clock of who published may be that much behind ours, in seconds. */
#define CLOCKS 5

struct _MillTapProbe
{
  MillProbe       parent_instance;

  char           *url;
  MillTraceStore *store;
  char           *deployment;
  gint64          after;      /* id of the last that was told */
  guint           rounds;     /* of this poll */
  gboolean        missing;    /* the queue was not there the last time */

  /* While a poll is under way. */
  JsonArray      *receipts;   /* of what was received and is not deleted yet */
  gboolean        full;       /* there may be more */
};

enum { GONE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillTapProbe, mill_tap_probe, MILL_TYPE_PROBE)

static void receive (MillTapProbe *self);

static void
go_on (MillTapProbe *self)
{
  if (self->full && self->rounds < MOST_ROUNDS)
    receive (self);
  else
    mill_probe_done (MILL_PROBE (self), NULL);
}

/* Those that could not be deleted come again, and are known then. */
static void
on_deleted (MillProbe    *probe,
            JsonObject   *result,
            const GError *error)
{
  if (result != NULL)
    go_on (MILL_TAP_PROBE (probe));
  else
    mill_probe_done (probe, error);
}

static void
delete_received (MillTapProbe *self)
{
  JsonObject *parameters = mill_probe_object ("QueueUrl", self->url, NULL);

  json_object_set_array_member (parameters, "Entries", g_steal_pointer (&self->receipts));
  mill_probe_call (MILL_PROBE (self), "sqs:DeleteMessageBatch", parameters, on_deleted);
}

static void
on_kept (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (MillTapProbe) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) tapped = mill_trace_store_tap_finish (self->store, result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  for (guint i = 0; tapped != NULL && i < tapped->len; i++)
    {
      MillTapped *each = tapped->pdata[i];
      g_autoptr (JsonObject) event = aws_json_parse_object (each->event, -1, NULL);

      self->after = each->id;
      if (event != NULL && mill_tracer_number (event, "time") >= mill_probe_get_since (MILL_PROBE (self)) - CLOCKS)
        mill_probe_tell (MILL_PROBE (self), "topic-tapped", json_object_ref (event));
    }
  /* What could not be kept is not deleted: it comes back. */
  if (tapped == NULL)
    mill_probe_done (MILL_PROBE (self), error);
  else if (json_array_get_length (self->receipts) > 0)
    delete_received (self);
  else
    go_on (self);
}

static void
take_message (MillTapProbe *self,
              JsonObject   *message,
              GPtrArray    *messages)
{
  const char *receipt = aws_json_get_string (message, "ReceiptHandle");
  const char *body = aws_json_get_string (message, "Body");
  g_autoptr (JsonObject) event = body != NULL ? mill_tap_envelope_parse (body) : NULL;
  g_autofree char *id = g_strdup_printf ("%u", json_array_get_length (self->receipts));

  if (event != NULL)
    {
      g_autofree char *text = aws_json_object_to_text (event);

      g_ptr_array_add (messages, mill_tapped_new (aws_json_get_string (event, "messageId"), text));
    }
  if (receipt != NULL)
    json_array_add_object_element (self->receipts, mill_probe_object ("Id", id, "ReceiptHandle", receipt, NULL));
}

static void
on_received (MillProbe    *probe,
             JsonObject   *result,
             const GError *error)
{
  MillTapProbe *self = MILL_TAP_PROBE (probe);
  JsonArray *list = result != NULL ? aws_json_get_array (result, "Messages") : NULL;
  guint n = list != NULL ? json_array_get_length (list) : 0;
  gboolean missing = aws_error_has_code (error, "AWS.SimpleQueueService.NonExistentQueue") || aws_error_has_code (error, "QueueDoesNotExist");
  GPtrArray *messages;

  if (result == NULL)
    {
      gboolean again = self->missing;

      /* Another program may have taken the tap away, and told the ledger. */
      self->missing = missing;
      if (missing && !again)
        g_signal_emit (self, signals[GONE], 0);
      mill_probe_done (probe, missing && !again ? NULL : error);
      return;
    }
  self->missing = FALSE;
  self->full = n == MOST_AT_ONCE;
  g_clear_pointer (&self->receipts, json_array_unref);
  self->receipts = json_array_new ();
  messages = g_ptr_array_new_with_free_func (mill_tapped_free);
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (list, i);

      if (JSON_NODE_HOLDS_OBJECT (node))
        take_message (self, json_node_get_object (node), messages);
    }
  mill_trace_store_tap_async (self->store, self->deployment, messages, self->after, mill_probe_get_cancellable (probe), on_kept, g_object_ref (self));
}

static void
receive (MillTapProbe *self)
{
  JsonObject *parameters = mill_probe_object ("QueueUrl", self->url, NULL);

  self->rounds++;
  json_object_set_int_member (parameters, "MaxNumberOfMessages", MOST_AT_ONCE);
  mill_probe_call (MILL_PROBE (self), "sqs:ReceiveMessage", parameters, on_received);
}

static void
mill_tap_probe_poll (MillProbe *probe)
{
  MillTapProbe *self = MILL_TAP_PROBE (probe);

  self->rounds = 0;
  receive (self);
}

static void
mill_tap_probe_finalize (GObject *object)
{
  MillTapProbe *self = MILL_TAP_PROBE (object);

  g_free (self->url);
  g_free (self->deployment);
  g_clear_object (&self->store);
  g_clear_pointer (&self->receipts, json_array_unref);
  G_OBJECT_CLASS (mill_tap_probe_parent_class)->finalize (object);
}

static void
mill_tap_probe_class_init (MillTapProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_tap_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_tap_probe_poll;

  signals[GONE] = g_signal_new ("gone", MILL_TYPE_TAP_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mill_tap_probe_init (MillTapProbe *self)
{
}

MillProbe *
mill_tap_probe_new (AwsClient      *client,
                    const char     *component,
                    double          since,
                    const char     *queue_url,
                    MillTraceStore *store,
                    const char     *deployment_id)
{
  MillTapProbe *self = mill_probe_new (MILL_TYPE_TAP_PROBE, client, component, since);

  self->url = g_strdup (queue_url);
  self->store = g_object_ref (store);
  self->deployment = g_strdup (deployment_id);
  return MILL_PROBE (self);
}
