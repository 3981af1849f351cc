/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-probes-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-answers.h"
#include "mill-engine.h"
#include "mill-inbox-probe.h"
#include "mill-mapping-probe.h"

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

enum { OBSERVATION, READY, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillProbes, mill_probes, G_TYPE_OBJECT)

static void schedule (MillProbes *self);

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
  if (!g_str_has_suffix (kind, "-seen") && !g_str_equal (kind, "mappings-listed") && !g_str_equal (kind, "read-until") && !g_str_equal (kind, "mapping-failed") && !g_str_equal (kind, "denied"))
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
      char *whole = g_strconcat (sentence, g_str_has_suffix (sentence, ".") ? " " : ". ", advice, NULL);

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

gboolean
mill_probes_has (MillProbes *self,
                 const char *key)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (g_str_equal (((Entry *) self->entries->pdata[i])->key, key))
      return TRUE;
  return FALSE;
}

void
mill_probes_add (MillProbes *self,
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

void
mill_probes_remove (MillProbes *self,
                    const char *key)
{
  for (guint i = 0; i < self->entries->len;)
    if (g_str_has_prefix (((Entry *) self->entries->pdata[i])->key, key))
      g_ptr_array_remove_index (self->entries, i);
    else
      i++;
}

static gboolean
on_sync (gpointer data)
{
  MillProbes *self = data;

  self->sync_id = 0;
  mill_probes_sync (self);
  schedule (self);
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

  self->deployment = g_object_ref (deployment);
  self->store = g_object_ref (store);
  self->since = since;
  self->late = late;
  self->resolve = resolve;
  self->resolve_data = user_data;
  g_signal_connect_object (deployment, "resource-changed", G_CALLBACK (on_resource_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "items-changed", G_CALLBACK (on_resource_changed), self, G_CONNECT_SWAPPED);
  return self;
}

void
mill_probes_start (MillProbes *self)
{
  g_autoptr (JsonObject) inbox = mill_probe_object ("kind", "read-until", "component", "inbox", NULL);
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
      mill_probes_add (self, self->inbox, "inbox", 1, 4);
      /* What comes there will be seen: nothing of it is to be inferred before. */
      g_signal_emit (self, signals[OBSERVATION], 0, inbox);
    }
  mill_probes_sync (self);
  schedule (self);
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
