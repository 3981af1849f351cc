/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tracer-private.h"

/* A message whose sending nobody told of by then came in a way that no access log tells of. */
#define LONGEST_UNSENT 600

/* A request that only the access log tells of, and the queue that its message went to. */
typedef struct
{
  MillHop    *hop;
  const char *queue;     /* interned */
  double      earliest;  /* it was sent at this time, or later */
  double      told;      /* when: access logs may be minutes late */
} Logged;

void
mill_tracer_logged_free (gpointer data)
{
  Logged *logged = data;

  g_object_unref (logged->hop);
  g_free (logged);
}

/* A gateway's log is what was asked, and what was answered. */
static void
describe_request (MillHop    *hop,
                  JsonObject *event)
{
  const char *method = aws_json_get_string (event, "method");
  const char *path = aws_json_get_string (event, "path");
  g_autofree char *line = NULL;

  if (method == NULL || hop->own_log != NULL)
    return;
  line = path != NULL ? g_strdup_printf ("%s %s\n", method, path) : g_strdup_printf ("%s\n", method);
  mill_hop_set_own_log (hop, line);
}

static void
describe_answer (MillHop *hop,
                 int      status)
{
  g_autofree char *lines = NULL;

  if (hop->own_log == NULL || status == 0)
    return;
  lines = g_strdup_printf ("%s→ %d\n", hop->own_log, status);
  mill_hop_set_own_log (hop, lines);
}

/* The access log told of it first; whoever sent it knows more. */
static void
take_over (MillTracer *self,
           MillHop    *hop,
           JsonObject *event)
{
  if (!hop->logged)
    return;
  if (hop->status == MILL_HOP_FAILED)
    mill_tracer_count (self, self->errors, hop->component, -1);
  hop->logged = FALSE;
  hop->expecting = FALSE;
  hop->arrived = mill_tracer_number (event, "time");
  hop->left = 0;
  hop->status = MILL_HOP_UNDER_WAY;
  mill_hop_set_error (hop, NULL, NULL);
  mill_hop_set_own_log (hop, NULL);
  mill_hop_set_payload (hop, aws_json_get_string (event, "body"));
  describe_request (hop, event);
  mill_tracer_changed (self, hop);
}

void
mill_tracer_on_gateway_request (MillTracer *self,
                                JsonObject *event)
{
  const char *id = aws_json_get_string (event, "requestId");
  const char *extended = aws_json_get_string (event, "extendedRequestId");
  const char *component = aws_json_get_string (event, "apiId") != NULL ? self->resolve ("gateway", aws_json_get_string (event, "apiId"), NULL, self->resolve_data) : NULL;
  MillHop *hop;

  if (id == NULL || component == NULL)
    return;
  hop = mill_tracer_find_hop (self, "gateway", id);
  if (hop == NULL && (hop = mill_tracer_find_hop (self, "gateway", extended)) != NULL)
    {
      /* The access log knew it by that id alone. */
      g_free (hop->message_id);
      hop->message_id = g_strdup (id);
      mill_tracer_remember_hop (self, hop);
    }
  if (hop != NULL)
    {
      take_over (self, hop, event);
      return;
    }
  hop = mill_hop_new ("gateway", component, id, mill_tracer_number (event, "time"));
  mill_hop_set_payload (hop, aws_json_get_string (event, "body"));
  describe_request (hop, event);
  mill_tracer_changed (self, mill_tracer_add_hop (self, hop, NULL));
  if (extended != NULL)
    mill_tracer_remember_as (self, hop, extended);
  mill_tracer_count (self, self->counts, component, 1);
}

void
mill_tracer_on_gateway_integration (MillTracer *self,
                                    JsonObject *event)
{
  MillHop *hop = mill_tracer_find_hop (self, "gateway", aws_json_get_string (event, "requestId"));
  g_autofree char *error = mill_tracer_error_text (event);
  g_autofree char *advice = NULL;

  if (hop == NULL || error == NULL || hop->left > 0)
    return;
  advice = g_strdup (mill_tracer_find_denial (self, aws_json_get_string (event, "role")));
  if (advice == NULL)
    advice = mill_tracer_dup_denial_in (self, error);
  mill_hop_set_error (hop, error, advice);
}

void
mill_tracer_on_gateway_response (MillTracer *self,
                                 JsonObject *event)
{
  MillHop *hop = mill_tracer_find_hop (self, "gateway", aws_json_get_string (event, "requestId"));
  g_autofree char *error = mill_tracer_error_text (event);
  int status = mill_tracer_number (event, "status");

  if (hop == NULL || hop->left > 0)
    return;
  hop->left = mill_tracer_number (event, "time");
  describe_answer (hop, status);
  hop->status = status >= 400 || hop->error != NULL ? MILL_HOP_FAILED : MILL_HOP_OK;
  if (hop->status == MILL_HOP_FAILED)
    {
      if (hop->error == NULL)
        {
          g_autofree char *answer = g_strdup_printf ("The gateway answered %d: %s", status,
                                                     error != NULL ? error : aws_json_get_string (event, "body") != NULL ? aws_json_get_string (event, "body") : "");
          mill_hop_set_error (hop, answer, NULL);
        }
      mill_tracer_count (self, self->errors, hop->component, 1);
    }
  mill_tracer_changed (self, hop);
}

/* What is wrong according to the access log; NULL where nothing is. */
static char *
find_logged_error (JsonObject *event)
{
  const char *error = aws_json_get_string (event, "error");
  const char *integration_error = aws_json_get_string (event, "integrationError");
  int status = mill_tracer_number (event, "status");
  int integration_status = mill_tracer_number (event, "integrationStatus");

  if (error != NULL && status >= 400)
    return g_strdup_printf ("The gateway answered %d: %s", status, error);
  if (integration_error != NULL)
    return g_strdup_printf ("The integration failed: %s", integration_error);
  /* The stage may answer 200 all the same. */
  if (integration_status >= 400)
    return g_strdup_printf ("The integration refused the request with the status %d.", integration_status);
  return status >= 400 ? g_strdup_printf ("The gateway answered %d.", status) : NULL;
}

void
mill_tracer_on_gateway_logged (MillTracer *self,
                               JsonObject *event)
{
  const char *id = aws_json_get_string (event, "requestId");
  const char *api = aws_json_get_string (event, "apiId");
  const char *component = api != NULL ? self->resolve ("gateway", api, NULL, self->resolve_data) : NULL;
  const char *queue = api != NULL ? self->resolve ("target", api, aws_json_get_string (event, "method"), self->resolve_data) : NULL;
  g_autofree char *error = find_logged_error (event);
  Logged *logged;
  MillHop *hop;

  /* Whoever sent it told of it. */
  if (id == NULL || component == NULL || mill_tracer_find_hop (self, "gateway", id) != NULL)
    return;
  hop = mill_hop_new ("gateway", component, id, mill_tracer_number (event, "time"));
  hop->left = MAX (hop->arrived, mill_tracer_number (event, "left"));
  hop->logged = TRUE;
  describe_request (hop, event);
  describe_answer (hop, mill_tracer_number (event, "status"));
  mill_hop_set_error (hop, error, NULL);
  hop->status = error != NULL ? MILL_HOP_FAILED : MILL_HOP_OK;
  hop->expecting = error == NULL && queue != NULL;
  mill_tracer_changed (self, mill_tracer_add_hop (self, hop, NULL));
  mill_tracer_count (self, self->counts, component, 1);
  if (error != NULL)
    mill_tracer_count (self, self->errors, component, 1);
  if (!hop->expecting)
    return;
  logged = g_new0 (Logged, 1);
  logged->hop = g_object_ref (hop);
  logged->queue = g_intern_string (queue);
  logged->earliest = mill_tracer_number (event, "earliest") > 0 ? mill_tracer_number (event, "earliest") : hop->arrived;
  logged->told = self->now;
  g_ptr_array_add (self->logged, logged);
}

/* Which message came from which request */

static int
compare_logged (gconstpointer a,
                gconstpointer b)
{
  const Logged *first = *(Logged **) a, *second = *(Logged **) b;

  return first->hop->arrived < second->hop->arrived ? -1 : first->hop->arrived > second->hop->arrived;
}

static int
compare_hops (gconstpointer a,
              gconstpointer b)
{
  const MillHop *first = *(MillHop **) a, *second = *(MillHop **) b;

  return first->arrived < second->arrived ? -1 : first->arrived > second->arrived;
}

static gboolean
is_empty (MillTracer *self,
          const char *component)
{
  MillTracerQueue *queue = mill_tracer_get_queue (self, component);

  return queue == NULL || queue->waiting + queue->in_flight + queue->delayed == 0;
}

/* What has found its place, or will not any more, needs none. */
static void
forget_placed (MillTracer *self)
{
  for (guint i = self->logged->len; i-- > 0;)
    {
      Logged *logged = self->logged->pdata[i];
      MillHop *hop = logged->hop;

      if (hop->expecting && self->now > logged->told + 5 * self->patience && is_empty (self, logged->queue))
        {
          hop->expecting = FALSE;
          mill_tracer_changed (self, hop);
        }
      if (hop->trace == NULL || !hop->expecting)
        g_ptr_array_remove_index_fast (self->logged, i);
    }
  for (guint i = self->unsent->len; i-- > 0;)
    {
      MillHop *hop = self->unsent->pdata[i];

      if (hop->trace == NULL || !hop->inferred || hop->previous != NULL || self->now > hop->arrived + LONGEST_UNSENT)
        g_ptr_array_remove_index_fast (self->unsent, i);
    }
}

static void
join (MillTracer *self,
      MillHop    *gateway,
      MillHop    *message)
{
  gateway->arrived = MIN (gateway->arrived, message->arrived);
  message->arrived = MIN (message->arrived, gateway->left);
  if (message->n_visits > 0)
    message->visits[0].arrived = message->arrived;
  gateway->expecting = FALSE;
  mill_tracer_attach (self, message, gateway);
  mill_tracer_changed (self, gateway);
}

/* The requests and the messages of one queue, in order of time. Where there are more messages than requests, some came in another way: which? */
static void
join_in_order (MillTracer *self,
               const char *queue)
{
  g_autoptr (GPtrArray) requests = g_ptr_array_new ();
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();

  for (guint i = 0; i < self->logged->len; i++)
    {
      Logged *logged = self->logged->pdata[i];

      if (logged->queue == queue && logged->hop->left + self->patience <= self->now)
        g_ptr_array_add (requests, logged);
    }
  if (requests->len == 0)
    return;
  g_ptr_array_sort (requests, compare_logged);
  for (guint i = 0; i < self->unsent->len; i++)
    {
      MillHop *hop = self->unsent->pdata[i];

      if (hop->component == queue && hop->arrived >= ((Logged *) requests->pdata[0])->earliest && hop->arrived + self->patience <= self->now)
        g_ptr_array_add (messages, hop);
    }
  if (messages->len > requests->len)
    return;
  g_ptr_array_sort (messages, compare_hops);
  for (guint i = 0; i < messages->len; i++)
    {
      Logged *request = requests->pdata[i];

      if (request->earliest <= ((MillHop *) messages->pdata[i])->arrived)
        join (self, request->hop, messages->pdata[i]);
    }
}

void
mill_tracer_infer_sent (MillTracer *self)
{
  g_autoptr (GHashTable) queues = NULL;
  GHashTableIter iter;
  gpointer queue;

  if (self->logged->len == 0 && self->unsent->len == 0)
    return;
  forget_placed (self);
  queues = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < self->logged->len; i++)
    g_hash_table_add (queues, (char *) ((Logged *) self->logged->pdata[i])->queue);
  g_hash_table_iter_init (&iter, queues);
  while (g_hash_table_iter_next (&iter, &queue, NULL))
    join_in_order (self, queue);
}

void
mill_tracer_unsend (MillTracer *self,
                    MillHop    *message)
{
  MillHop *gateway = message->previous;
  Logged *logged;

  mill_tracer_detach (self, message);
  if (!gateway->logged)
    return;
  /* Its own message is yet to be found. */
  gateway->expecting = TRUE;
  mill_tracer_changed (self, gateway);
  logged = g_new0 (Logged, 1);
  logged->hop = g_object_ref (gateway);
  logged->queue = message->component;
  logged->earliest = gateway->arrived;
  logged->told = self->now;
  g_ptr_array_add (self->logged, logged);
}
