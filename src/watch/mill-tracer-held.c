/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step mode of the practice cloud: what is held, and at which hop. */
#include "mill-tracer-private.h"

/* A message that is held behind @hop. */
typedef struct
{
  MillHop *hop;          /* NULL where it is not known (yet) */
  char    *invocation;   /* that published it, while the hop is not known */
  char    *message_id;
  char    *component;
  char    *kind;
} Held;

static void
held_free (gpointer data)
{
  Held *held = data;

  g_clear_object (&held->hop);
  g_free (held->invocation);
  g_free (held->message_id);
  g_free (held->component);
  g_free (held->kind);
  g_free (held);
}

/* Where messages are that are held at a hop, and what tells of them. */
static const struct {
  const char *hop, *kind, *id, *arn;
} places[] = {
  { "gateway-integration", "gateway", "requestId", "apiId" },
  { "queue-mapping", "queue", "messageId", "queueArn" },
  { "stream-mapping", "stream", "eventID", "streamArn" },
  { "publish-topic", "function", NULL, NULL },
  { "topic-subscription", "topic", "messageId", "topicArn" },
};

static void
hold (MillTracer *self,
      Held       *held,
      MillHop    *hop)
{
  held->hop = g_object_ref (hop);
  g_free (held->component);
  g_free (held->kind);
  held->component = g_strdup (hop->component);
  held->kind = g_strdup (hop->kind);
  hop->held++;
  mill_tracer_changed (self, hop);
}

/* The hop of the message that @held was published for. */
static MillHop *
find_publisher (MillTracer *self,
                Held       *held,
                gboolean    guess)
{
  MillInvocation *invocation = held->invocation != NULL ? g_hash_table_lookup (self->invocations, held->invocation) : NULL;
  MillHop *hop;

  if (invocation == NULL || invocation->hops->len == 0)
    return NULL;
  hop = mill_invocation_find_by_out (invocation, held->message_id);
  return hop != NULL || !guess ? hop : invocation->hops->pdata[0];
}

void
mill_tracer_on_held (MillTracer *self,
                     JsonObject *event)
{
  const char *id = aws_json_get_string (event, "holdId");
  const char *name = aws_json_get_string (event, "hop");
  const char *topic = aws_json_get_string (event, "topicArn");
  Held *held;

  if (id == NULL || name == NULL || g_hash_table_contains (self->held, id))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const char *arn = places[i].arn != NULL ? aws_json_get_string (event, places[i].arn) : NULL;
      const char *component = arn != NULL ? self->resolve (places[i].kind, arn, NULL, self->resolve_data) : NULL;
      MillHop *hop;

      if (!g_str_equal (places[i].hop, name))
        continue;
      held = g_new0 (Held, 1);
      held->message_id = g_strdup (aws_json_get_string (event, "messageId"));
      held->invocation = places[i].id == NULL ? g_strdup (aws_json_get_string (event, "invocationId")) : NULL;
      hop = places[i].id != NULL ? mill_tracer_find_hop (self, places[i].kind, aws_json_get_string (event, places[i].id))
                                 : find_publisher (self, held, FALSE);
      /* Published by hand, or by a function that was not seen: it is on its way to the topic. */
      if (hop == NULL && component == NULL && topic != NULL)
        component = self->resolve ("topic", topic, NULL, self->resolve_data);
      if (hop == NULL && component == NULL)
        {
          held_free (held);
          return;
        }
      held->component = g_strdup (component);
      held->kind = g_strdup (arn != NULL ? places[i].kind : "topic");
      g_hash_table_insert (self->held, g_strdup (id), held);
      if (hop != NULL)
        hold (self, held, hop);
      mill_tracer_held_changed (self);
      return;
    }
}

void
mill_tracer_on_released (MillTracer *self,
                         JsonObject *event)
{
  const char *id = aws_json_get_string (event, "holdId");
  gboolean gone = g_strcmp0 (aws_json_get_string (event, "reason"), "gone") == 0;
  Held *held = id != NULL ? g_hash_table_lookup (self->held, id) : NULL;
  g_autoptr (MillHop) hop = NULL;

  if (held == NULL)
    return;
  hop = g_steal_pointer (&held->hop);
  g_hash_table_remove (self->held, id);
  if (hop != NULL && hop->held > 0)
    {
      hop->held--;
      /* It goes on: its arrival is told next, and the trace is not over before that. */
      if (gone)
        mill_tracer_changed (self, hop);
      else
        mill_tracer_tell (self, hop);
    }
  mill_tracer_held_changed (self);
}

void
mill_tracer_settle_held (MillTracer *self,
                         const char *invocation_id)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->held);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Held *held = value;
      MillHop *hop = held->hop == NULL && g_strcmp0 (held->invocation, invocation_id) == 0 ? find_publisher (self, held, TRUE) : NULL;

      if (hop != NULL)
        hold (self, held, hop);
    }
}

GHashTable *
mill_tracer_new_held (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, held_free);
}

void
mill_tracer_forget_held (MillTracer *self)
{
  GHashTableIter iter;
  gpointer value;
  g_autoptr (GHashTable) held = g_steal_pointer (&self->held);

  self->held = mill_tracer_new_held ();
  g_hash_table_iter_init (&iter, held);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      MillHop *hop = ((Held *) value)->hop;

      if (hop != NULL && hop->held > 0)
        {
          hop->held--;
          mill_tracer_changed (self, hop);
        }
    }
  mill_tracer_held_changed (self);
}

guint
mill_tracer_get_n_held (MillTracer *self)
{
  g_return_val_if_fail (MILL_IS_TRACER (self), 0);
  return g_hash_table_size (self->held);
}

void
mill_tracer_foreach_held (MillTracer         *self,
                          MillTracerHeldFunc  func,
                          gpointer            user_data)
{
  GHashTableIter iter;
  gpointer id, value;

  g_return_if_fail (MILL_IS_TRACER (self));
  g_hash_table_iter_init (&iter, self->held);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      Held *held = value;

      func (id, held->component, held->kind, held->hop, user_data);
    }
}
