/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-probes.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-access-log-probe.h"
#include "mill-answers.h"
#include "mill-engine.h"
#include "mill-inbox-probe.h"
#include "mill-log-probe.h"
#include "mill-mapping-probe.h"
#include "mill-queue-probe.h"
#include "mill-stage-probe.h"
#include "mill-stream-probe.h"
#include "mill-tap-probe.h"
#include "mill-tap.h"
#include "mill-topic-probe.h"

#define LONGEST_SLEEP 60        /* seconds */
#define MILLION 1e6
#define DEAREST_PRICE 0.40      /* US dollars for a million calls: SQS, standard queues */

typedef struct
{
  MillProbes *probes;           /* owns this */
  MillProbe  *probe;
  char       *key;
  MillTurn   *turn;
  guint       failures;         /* one after another */
  gboolean    called;           /* in this poll */
  gboolean    asked;            /* once at least */
  gboolean    complained;
} Entry;

struct _MillProbes
{
  GObject            parent_instance;

  MillDeployment    *deployment;
  MillTraceStore    *store;
  MillAnswers       *answers;
  AwsClient         *client;
  MillProbe         *inbox;      /* borrowed; NULL on AWS */
  double             since;
  double             late;
  MillTracerResolve  resolve;
  gpointer           resolve_data;
  GPtrArray         *entries;
  MillTurns         *turns;
  guint              timer_id;
  guint              sync_id;
  gboolean           started;
  gboolean           ready;
  gboolean           complained;   /* of what all have in common */
};

enum { OBSERVATION, READY, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillProbes, mill_probes, G_TYPE_OBJECT)

static void schedule (MillProbes *self);
static void add_dead_letters (MillProbes *self,
                              const char *arn);

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  mill_probe_stop (entry->probe);
  g_signal_handlers_disconnect_by_data (entry->probe, entry);
  g_object_unref (entry->probe);
  mill_turns_remove (entry->probes->turns, entry->turn);
  g_free (entry->key);
  g_free (entry);
}

/* Credentials that were replaced meanwhile: what failed need not wait. */
static void
take_credentials (MillProbes *self)
{
  AwsClient *client = mill_target_get_client (mill_deployment_get_target (self->deployment));

  if (client == NULL || aws_client_get_credentials (client) == aws_client_get_credentials (self->client))
    return;
  aws_client_set_credentials (self->client, aws_client_get_credentials (client));
  for (guint i = 0; i < self->entries->len; i++)
    ((Entry *) self->entries->pdata[i])->failures = 0;
  mill_turns_forgive (self->turns, g_get_monotonic_time ());
}

static void
ask_due (MillProbes *self)
{
  Entry *entry;

  take_credentials (self);
  while ((entry = mill_turns_pick (self->turns, g_get_monotonic_time ())) != NULL)
    mill_probe_poll (entry->probe);
}

static gboolean
on_time (gpointer data)
{
  MillProbes *self = data;

  self->timer_id = 0;
  ask_due (self);
  schedule (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (MillProbes *self)
{
  gint64 now = g_get_monotonic_time (), next;

  g_clear_handle_id (&self->timer_id, g_source_remove);
  next = self->started ? mill_turns_get_next (self->turns, now) : G_MAXINT64;
  /* It takes no call to look whether there are other credentials. */
  if (self->started && self->complained)
    next = MIN (next, now + G_USEC_PER_SEC);
  if (next != G_MAXINT64)
    self->timer_id = g_timeout_add (CLAMP ((next - now) / 1000 + 1, 1, LONGEST_SLEEP * 1000), on_time, self);
}

/* What probes say */

static void
learn_subscriptions (MillProbes *self,
                     JsonObject *event)
{
  JsonArray *subscriptions = aws_json_get_array (event, "subscriptions");
  const char *topic = aws_json_get_string (event, "topicArn");

  for (guint i = 0; self->inbox != NULL && topic != NULL && subscriptions != NULL && i < json_array_get_length (subscriptions); i++)
    {
      JsonObject *each = json_array_get_object_element (subscriptions, i);

      if (aws_json_get_string (each, "endpoint") != NULL)
        mill_inbox_probe_learn (MILL_INBOX_PROBE (self->inbox), topic, aws_json_get_string (each, "endpoint"), aws_json_get_string (each, "arn"));
    }
}

/* Those who read a queue are asked why nobody takes what waits there. */
static void
note_queue (MillProbes *self,
            JsonObject *event)
{
  const char *component = aws_json_get_string (event, "component");
  gboolean left_lying = aws_json_get_int (event, "waiting", 0) > 0 && aws_json_get_int (event, "inFlight", 0) == 0;

  for (guint i = 0; i < self->entries->len; i++)
    {
      MillProbe *probe = ((Entry *) self->entries->pdata[i])->probe;

      if (MILL_IS_MAPPING_PROBE (probe))
        mill_mapping_probe_note (MILL_MAPPING_PROBE (probe), component, left_lying, aws_json_get_string (event, "policy"));
    }
}

static void
on_observation (Entry      *entry,
                JsonObject *event)
{
  MillProbes *self = entry->probes;
  const char *kind = aws_json_get_string (event, "kind");

  if (g_str_equal (kind, "topic-seen"))
    learn_subscriptions (self, event);
  if (g_str_equal (kind, "queue-seen"))
    note_queue (self, event);
  if (!g_str_has_suffix (kind, "-seen") && !g_str_equal (kind, "read-until") && !g_str_equal (kind, "mapping-failed") && !g_str_equal (kind, "denied"))
    mill_turns_note_news (self->turns, g_get_monotonic_time ());
  g_signal_emit (self, signals[OBSERVATION], 0, event);
}

static void
on_answer_observation (MillProbes *self,
                       JsonObject *event)
{
  mill_turns_note_news (self->turns, g_get_monotonic_time ());
  g_signal_emit (self, signals[OBSERVATION], 0, event);
  mill_turns_hurry (self->turns, g_get_monotonic_time ());
  schedule (self);
}

/* A MillProbeGate. */
static gboolean
may_call (MillProbe *probe,
          gpointer   data)
{
  Entry *entry = data;

  entry->called = mill_turn_call (entry->turn, g_get_monotonic_time ());
  if (!entry->called)
    schedule (entry->probes);
  return entry->called;
}

/* Whether it may be over by itself in a moment. */
static gboolean
is_transient (const GError *error)
{
  return aws_error_is_retryable (error) || (!g_error_matches (error, AWS_ERROR, AWS_ERROR_CLIENT) && !g_error_matches (error, AWS_ERROR, AWS_ERROR_PARAMETER));
}

/* Whether the component is being taken away: what is not found then is no trouble. */
static gboolean
is_going (MillProbes *self,
          Entry      *entry)
{
  MillResource *resource = mill_deployment_find_resource (self->deployment, mill_probe_get_component (entry->probe));

  return resource != NULL && !mill_resource_is_made (resource);
}

/* Once, until it goes again: of one component, or of all where the reason is no component's. */
static void
complain (MillProbes   *self,
          Entry        *entry,
          const GError *error)
{
  gboolean common = g_error_matches (error, AWS_ERROR, AWS_ERROR_CREDENTIALS) || g_error_matches (error, AWS_ERROR, AWS_ERROR_NETWORK)
                    || g_error_matches (error, AWS_ERROR, AWS_ERROR_TIMEOUT);
  gboolean *complained = common ? &self->complained : &entry->complained;
  const char *advice = mill_error_get_advice (error);
  g_autofree char *sentence = NULL;

  /* LimitExceededException is how DynamoDB says of a shard that it was read too often. */
  if (*complained || is_going (self, entry) || g_error_matches (error, AWS_ERROR, AWS_ERROR_THROTTLED) || aws_error_has_code (error, "LimitExceededException")
      || (is_transient (error) && entry->failures < 2))
    return;
  *complained = TRUE;
  sentence = common ? g_strdup_printf (_("What happens cannot be seen now: %s"), error->message)
                    : g_strdup_printf (_("What happens at %s cannot be seen: %s"), mill_probe_get_component (entry->probe), error->message);
  if (*advice != '\0' && strstr (sentence, advice) == NULL)
    {
      char *whole = g_strconcat (sentence, " ", advice, NULL);

      g_free (sentence);
      sentence = whole;
    }
  g_signal_emit (self, signals[FAILED], 0, sentence);
}

static void
look_ready (MillProbes *self)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (!((Entry *) self->entries->pdata[i])->asked)
      return;
  if (self->ready)
    return;
  self->ready = TRUE;
  g_signal_emit (self, signals[READY], 0);
}

static void
on_done (Entry        *entry,
         const GError *error)
{
  MillProbes *self = entry->probes;

  entry->asked = TRUE;
  entry->failures = error != NULL ? entry->failures + 1 : 0;
  if (error != NULL)
    complain (self, entry, error);
  else if (entry->called)
    self->complained = entry->complained = FALSE;
  entry->called = FALSE;
  mill_turn_end (entry->turn, error != NULL, g_get_monotonic_time ());
  look_ready (self);
  schedule (self);
}

/* The components */

static Entry *
find_entry (MillProbes *self,
            const char *key)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (g_str_equal (((Entry *) self->entries->pdata[i])->key, key))
      return self->entries->pdata[i];
  return NULL;
}

/* Takes @probe. */
static void
add_probe (MillProbes *self,
           MillProbe  *probe,
           const char *key,
           double      weight,
           double      rest_weight)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->probes = self;
  entry->probe = probe;
  entry->key = g_strdup (key);
  entry->turn = mill_turns_add (self->turns, weight, rest_weight, entry);
  g_ptr_array_add (self->entries, entry);
  g_signal_connect_swapped (probe, "observation", G_CALLBACK (on_observation), entry);
  mill_probe_set_gate (probe, may_call, entry);
  g_signal_connect_swapped (probe, "done", G_CALLBACK (on_done), entry);
}

static void
remove_entries (MillProbes *self,
                const char *key)
{
  for (guint i = 0; i < self->entries->len;)
    if (g_str_has_prefix (((Entry *) self->entries->pdata[i])->key, key))
      g_ptr_array_remove_index (self->entries, i);
    else
      i++;
}

/* What a "messageId" that comes out of a function belongs to: the topic, or else the queue, that its environment names. */
static char *
find_in_environment (MillProbes *self,
                     JsonObject *made_with,
                     const char *type)
{
  JsonObject *variables = aws_json_get_object (made_with, "Environment.Variables");
  JsonObjectIter iter;
  JsonNode *value;

  if (variables == NULL)
    return NULL;
  json_object_iter_init (&iter, variables);
  while (json_object_iter_next (&iter, NULL, &value))
    {
      const char *logical_id = json_node_get_value_type (value) == G_TYPE_STRING
                               ? mill_deployment_find_by_id (self->deployment, json_node_get_string (value)) : NULL;
      MillResource *resource = logical_id != NULL ? mill_deployment_find_resource (self->deployment, logical_id) : NULL;

      if (resource != NULL && g_str_equal (mill_resource_get_type_name (resource), type))
        return g_strdup (mill_resource_get_arn (resource));
    }
  return NULL;
}

static void
add_function (MillProbes   *self,
              MillResource *resource,
              const char   *key)
{
  const char *name = mill_resource_get_physical_id (resource);
  const char *id = mill_resource_get_logical_id (resource);
  g_autoptr (JsonObject) made_with = mill_resource_dup_properties (resource);
  g_autofree char *topic = made_with != NULL ? find_in_environment (self, made_with, "AWS::SNS::Topic") : NULL;
  g_autofree char *queue = made_with != NULL ? find_in_environment (self, made_with, "AWS::SQS::Queue") : NULL;
  g_autofree char *group = made_with != NULL ? g_strdup (aws_json_get_string (made_with, "LoggingConfig.LogGroup")) : NULL;
  g_autofree char *mappings = g_strconcat (key, " mappings", NULL);

  if (group == NULL)
    group = g_strconcat ("/aws/lambda/", name, NULL);
  /* Whatever comes goes through a function sooner or later: at rest they are looked at first. */
  add_probe (self, mill_log_probe_new (self->client, id, self->since, mill_resource_get_arn (resource), group, self->late, topic, queue), key, 1, 1);
  add_probe (self, mill_mapping_probe_new (self->client, id, name, made_with != NULL ? aws_json_get_string (made_with, "Role") : NULL, self->resolve,
                                           self->resolve_data), mappings, 5, 10);
}

/* One that another program made. */
static void
on_tap_seen (MillProbes *self,
             MillProbe  *probe)
{
  g_autofree char *url = mill_tap_dup_queue_url (self->deployment, mill_probe_get_component (probe));

  if (url == NULL)
    mill_deployment_reload (self->deployment);
}

static void
on_tap_gone (MillProbes *self)
{
  mill_deployment_reload (self->deployment);
}

/* Switched on, off, or written in another way from now on. */
static void
on_access_log (MillProbes     *self,
               const char     *group,
               const char     *format,
               MillStageProbe *stage)
{
  const char *id = mill_probe_get_component (MILL_PROBE (stage));
  MillResource *resource = mill_deployment_find_resource (self->deployment, id);
  g_autoptr (JsonObject) made_with = resource != NULL ? mill_resource_dup_properties (resource) : NULL;
  const char *api = made_with != NULL ? aws_json_get_string (made_with, "RestApiId") : NULL;
  g_autofree char *key = g_strconcat (id, " access log", NULL);

  remove_entries (self, key);
  if (group != NULL && api != NULL)
    add_probe (self, mill_access_log_probe_new (self->client, id, self->since, api, mill_resource_get_physical_id (resource), group, format, self->late),
               key, 1, 2);
}

static void
add_stage (MillProbes   *self,
           MillResource *resource,
           const char   *key)
{
  g_autoptr (JsonObject) made_with = mill_resource_dup_properties (resource);
  const char *api = made_with != NULL ? aws_json_get_string (made_with, "RestApiId") : NULL;
  MillProbe *probe;

  if (api == NULL)
    return;
  probe = mill_stage_probe_new (self->client, mill_resource_get_logical_id (resource), api, mill_resource_get_physical_id (resource));
  g_signal_connect_object (probe, "access-log", G_CALLBACK (on_access_log), self, G_CONNECT_SWAPPED);
  add_probe (self, probe, key, 10, 20);
}

static void
add_resource (MillProbes   *self,
              MillResource *resource,
              const char   *key)
{
  const char *type = mill_resource_get_type_name (resource);
  const char *id = mill_resource_get_logical_id (resource);
  const char *physical_id = mill_resource_get_physical_id (resource);

  if (g_str_equal (type, "AWS::Lambda::Function"))
    add_function (self, resource, key);
  else if (g_str_equal (type, "AWS::ApiGateway::Stage"))
    add_stage (self, resource, key);
  else if (g_str_equal (type, "AWS::SQS::Queue"))
    {
      MillProbe *probe = mill_queue_probe_new (self->client, id, physical_id);

      g_signal_connect_object (probe, "dead-letters", G_CALLBACK (add_dead_letters), self, G_CONNECT_SWAPPED);
      add_probe (self, probe, key, 2, 4);
    }
  else if (g_str_equal (type, "AWS::SNS::Topic"))
    {
      MillProbe *probe = mill_topic_probe_new (self->client, id, physical_id, self->resolve, self->resolve_data);

      g_signal_connect_object (probe, "tap", G_CALLBACK (on_tap_seen), self, G_CONNECT_SWAPPED);
      add_probe (self, probe, key, 3, 20);
    }
  else if (g_str_equal (type, "AWS::DynamoDB::Table"))
    {
      g_autoptr (JsonObject) attributes = mill_resource_dup_attributes (resource);
      const char *stream = attributes != NULL ? aws_json_get_string (attributes, "StreamArn") : NULL;

      if (stream != NULL)
        add_probe (self, mill_stream_probe_new (self->client, id, self->since, mill_resource_get_arn (resource), stream), key, 1, 2);
    }
}

/* A tap is read as long as it is there. */
static void
sync_tap (MillProbes *self,
          const char *topic)
{
  g_autofree char *url = mill_tap_dup_queue_url (self->deployment, topic);
  g_autofree char *keys = g_strconcat (topic, " tap ", NULL);
  g_autofree char *key = g_strconcat (keys, url, NULL);
  MillProbe *probe;

  if (url != NULL && find_entry (self, key) != NULL)
    return;
  remove_entries (self, keys);
  if (url == NULL)
    return;
  probe = mill_tap_probe_new (self->client, topic, self->since, url, self->store, mill_deployment_get_id (self->deployment));
  g_signal_connect_object (probe, "gone", G_CALLBACK (on_tap_gone), self, G_CONNECT_SWAPPED);
  /* Whoever switched it on wants to see what is published by hand, too, when all else rests. */
  add_probe (self, probe, key, 2, 1);
}

/* One for what is there, none for what is not. */
static void
sync_probes (MillProbes *self)
{
  GListModel *resources = G_LIST_MODEL (self->deployment);

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (resources, i);
      g_autofree char *key = g_strconcat (mill_resource_get_logical_id (resource), " ", NULL);

      if (mill_tap_is_part (mill_resource_get_logical_id (resource)))
        continue;
      if (!mill_resource_is_made (resource))
        remove_entries (self, key);
      else if (find_entry (self, key) == NULL)
        add_resource (self, resource, key);
      if (mill_resource_is_made (resource) && g_str_equal (mill_resource_get_type_name (resource), "AWS::SNS::Topic"))
        sync_tap (self, mill_resource_get_logical_id (resource));
    }
  schedule (self);
}

static gboolean
on_sync (gpointer data)
{
  MillProbes *self = data;

  self->sync_id = 0;
  sync_probes (self);
  return G_SOURCE_REMOVE;
}

/* Building changes many resources at once. */
static void
on_resource_changed (MillProbes *self)
{
  if (self->sync_id == 0 && self->started)
    self->sync_id = g_timeout_add (200, on_sync, self);
}

static void
on_resources_added (MillProbes *self,
                    guint       position,
                    guint       removed,
                    guint       added,
                    GListModel *resources)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (resources, i);

      g_signal_connect_object (resource, "notify", G_CALLBACK (on_resource_changed), self, G_CONNECT_SWAPPED);
    }
  on_resource_changed (self);
}

/* A queue that another one gives up to; its URL follows from its ARN where it is one of ours, and from the other's URL otherwise. */
static void
add_dead_letters (MillProbes *self,
                  const char *arn)
{
  const char *id = self->resolve ("queue", arn, NULL, self->resolve_data);
  g_autofree char *key = g_strconcat ("dead-letters ", arn, NULL);
  g_auto (GStrv) parts = g_strsplit (arn, ":", 6);
  g_autofree char *base = NULL;
  g_autofree char *url = NULL;

  if (id != NULL || find_entry (self, key) != NULL || g_strv_length (parts) != 6)
    return;
  base = aws_client_get_endpoint (self->client) != NULL ? g_strdup (aws_client_get_endpoint (self->client))
                                                        : g_strdup_printf ("https://sqs.%s.amazonaws.com%s", parts[3], g_str_equal (parts[1], "aws-cn") ? ".cn" : "");
  url = g_strdup_printf ("%s/%s/%s", base, parts[4], parts[5]);
  add_probe (self, mill_queue_probe_new (self->client, arn, url), key, 2, 4);
}

static void
mill_probes_finalize (GObject *object)
{
  MillProbes *self = MILL_PROBES (object);

  mill_probes_stop (self);
  g_ptr_array_unref (self->entries);
  mill_turns_free (self->turns);
  g_clear_object (&self->client);
  g_object_unref (self->deployment);
  g_object_unref (self->store);
  G_OBJECT_CLASS (mill_probes_parent_class)->finalize (object);
}

static void
mill_probes_class_init (MillProbesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_probes_finalize;

  signals[OBSERVATION] = g_signal_new ("observation", MILL_TYPE_PROBES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[READY] = g_signal_new ("ready", MILL_TYPE_PROBES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", MILL_TYPE_PROBES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mill_probes_init (MillProbes *self)
{
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->turns = mill_turns_new (g_get_monotonic_time ());
}

MillProbes *
mill_probes_new (MillDeployment    *deployment,
                 MillTraceStore    *store,
                 double             since,
                 double             late,
                 MillTracerResolve  resolve,
                 gpointer           user_data)
{
  MillProbes *self = g_object_new (MILL_TYPE_PROBES, NULL);
  GListModel *resources = G_LIST_MODEL (deployment);

  self->deployment = g_object_ref (deployment);
  self->store = g_object_ref (store);
  self->since = since;
  self->late = late;
  self->resolve = resolve;
  self->resolve_data = user_data;
  on_resources_added (self, 0, 0, g_list_model_get_n_items (resources), resources);
  g_signal_connect_object (resources, "items-changed", G_CALLBACK (on_resources_added), self, G_CONNECT_SWAPPED);
  return self;
}

void
mill_probes_start (MillProbes *self)
{
  MillTarget *target;

  g_return_if_fail (MILL_IS_PROBES (self));
  target = mill_deployment_get_target (self->deployment);
  if (self->started || mill_target_get_client (target) == NULL)
    return;
  self->started = TRUE;
  mill_turns_note_news (self->turns, g_get_monotonic_time ());
  /* One of its own: the log of calls that the user reads is not for what asks again and again. */
  self->client = mill_target_make_client (target);
  /* Whoever fails pauses here; calls that nobody counts would be beyond the budget. */
  aws_client_set_attempts (self->client, 1);
  self->answers = mill_answers_new (self->deployment);
  g_signal_connect_object (self->answers, "observation", G_CALLBACK (on_answer_observation), self, G_CONNECT_SWAPPED);
  if (mill_target_get_kind (target) == MILL_TARGET_PRACTICE)
    {
      self->inbox = mill_inbox_probe_new (self->client, self->since, self->resolve, self->resolve_data);
      add_probe (self, self->inbox, "inbox", 1, 4);
    }
  sync_probes (self);
  look_ready (self);
}

void
mill_probes_stop (MillProbes *self)
{
  g_return_if_fail (MILL_IS_PROBES (self));
  self->started = FALSE;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_clear_handle_id (&self->sync_id, g_source_remove);
  g_ptr_array_set_size (self->entries, 0);
  self->inbox = NULL;
  g_clear_object (&self->answers);
  g_clear_object (&self->client);
}

void
mill_probes_set_busy (MillProbes *self,
                      gboolean    busy)
{
  g_return_if_fail (MILL_IS_PROBES (self));
  mill_turns_set_busy (self->turns, busy, g_get_monotonic_time ());
  schedule (self);
}

void
mill_probes_set_budget (MillProbes *self,
                        guint       calls_per_minute)
{
  g_return_if_fail (MILL_IS_PROBES (self));
  mill_turns_set_budget (self->turns, calls_per_minute);
  schedule (self);
}

guint
mill_probes_get_recent_calls (MillProbes *self)
{
  g_return_val_if_fail (MILL_IS_PROBES (self), 0);
  return mill_turns_get_recent (self->turns, g_get_monotonic_time ());
}

double
mill_probes_get_price (guint calls_per_minute)
{
  return calls_per_minute * 60 * DEAREST_PRICE / MILLION;
}
