/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-trace-private.h"

struct _MillTrace
{
  GObject         parent_instance;

  char           *id;
  GPtrArray      *hops;
  MillTraceState  state;
  double          ended;
  gboolean        dropped;
};

enum { HOP_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillTrace, mill_trace, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return MILL_TYPE_HOP;
}

static guint
get_n_items (GListModel *model)
{
  return MILL_TRACE (model)->hops->len;
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  MillTrace *self = MILL_TRACE (model);

  return position < self->hops->len ? g_object_ref (self->hops->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* A failure anywhere outweighs all; then whatever is still on its way. */
static MillTraceState
work_out_state (MillTrace *self)
{
  gboolean under_way = FALSE, stuck = FALSE, failed = FALSE;
  gboolean all_filtered = FALSE;

  for (guint i = 0; i < self->hops->len; i++)
    {
      MillHop *hop = self->hops->pdata[i];

      failed |= hop->status == MILL_HOP_FAILED;
      stuck |= hop->stuck;
      under_way |= !mill_hop_is_over (hop) || hop->expecting;
      if (hop->status == MILL_HOP_FILTERED)
        all_filtered = TRUE;
    }
  for (guint i = 0; all_filtered && i < self->hops->len; i++)
    {
      MillHop *hop = self->hops->pdata[i];

      if (g_str_equal (hop->kind, "mail") || g_str_equal (hop->kind, "sms"))
        all_filtered = hop->status == MILL_HOP_FILTERED;
    }
  if (failed)
    return MILL_TRACE_FAILED;
  if (stuck)
    return MILL_TRACE_STUCK;
  if (under_way)
    return MILL_TRACE_UNDER_WAY;
  return all_filtered ? MILL_TRACE_FILTERED : MILL_TRACE_DELIVERED;
}

static void
mill_trace_finalize (GObject *object)
{
  MillTrace *self = MILL_TRACE (object);

  /* Somebody may still hold a hop. */
  for (guint i = 0; i < self->hops->len; i++)
    {
      MillHop *hop = self->hops->pdata[i];

      hop->trace = NULL;
      hop->previous = NULL;
    }
  g_ptr_array_unref (self->hops);
  g_free (self->id);
  G_OBJECT_CLASS (mill_trace_parent_class)->finalize (object);
}

static void
mill_trace_class_init (MillTraceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_trace_finalize;

  signals[HOP_CHANGED] = g_signal_new ("hop-changed", MILL_TYPE_TRACE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, MILL_TYPE_HOP);
}

static void
mill_trace_init (MillTrace *self)
{
  self->hops = g_ptr_array_new_with_free_func (g_object_unref);
}

MillTrace *
mill_trace_new (const char *id)
{
  MillTrace *self = g_object_new (MILL_TYPE_TRACE, NULL);

  self->id = g_strdup (id);
  return self;
}

void
mill_trace_add_hop (MillTrace *self,
                    MillHop   *hop,
                    MillHop   *previous)
{
  guint position = self->hops->len;

  hop->trace = self;
  hop->previous = previous;
  /* What was seen late comes where it belongs. */
  while (position > 0 && self->hops->pdata[position - 1] != previous && ((MillHop *) self->hops->pdata[position - 1])->arrived > hop->arrived)
    position--;
  g_ptr_array_insert (self->hops, position, hop);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

void
mill_trace_absorb (MillTrace *self,
                   MillTrace *other,
                   MillHop   *previous)
{
  guint length = other->hops->len;

  for (guint i = 0; i < length; i++)
    {
      MillHop *hop = other->hops->pdata[i];

      mill_trace_add_hop (self, g_object_ref (hop), hop->previous != NULL ? hop->previous : previous);
    }
  g_ptr_array_set_size (other->hops, 0);
  g_list_model_items_changed (G_LIST_MODEL (other), 0, length, 0);
}

void
mill_trace_remove_hop (MillTrace *self,
                       MillHop   *hop)
{
  guint position;

  if (!g_ptr_array_find (self->hops, hop, &position))
    return;
  for (guint i = 0; i < self->hops->len; i++)
    if (((MillHop *) self->hops->pdata[i])->previous == hop)
      ((MillHop *) self->hops->pdata[i])->previous = hop->previous;
  hop->trace = NULL;
  hop->previous = NULL;
  g_ptr_array_remove_index (self->hops, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static gboolean
comes_after (MillHop *hop,
             MillHop *first)
{
  while (hop != NULL && hop != first)
    hop = hop->previous;
  return hop != NULL;
}

MillTrace *
mill_trace_split (MillTrace *self,
                  MillHop   *hop)
{
  MillTrace *other = mill_trace_new (hop->message_id);
  g_autoptr (GPtrArray) moved = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->hops->len; i++)
    if (comes_after (self->hops->pdata[i], hop))
      g_ptr_array_add (moved, g_object_ref (self->hops->pdata[i]));
  for (guint i = 0; i < moved->len; i++)
    {
      guint position;

      if (!g_ptr_array_find (self->hops, moved->pdata[i], &position))
        continue;
      g_ptr_array_remove_index (self->hops, position);
      g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
    }
  for (guint i = 0; i < moved->len; i++)
    {
      MillHop *each = moved->pdata[i];

      mill_trace_add_hop (other, g_object_ref (each), each != hop ? each->previous : NULL);
    }
  return other;
}

MillTrace *
mill_trace_copy (MillTrace *self)
{
  MillTrace *copy = mill_trace_new (self->id);
  guint position;

  for (guint i = 0; i < self->hops->len; i++)
    {
      MillHop *hop = self->hops->pdata[i];
      gboolean follows = hop->previous != NULL && g_ptr_array_find (self->hops, hop->previous, &position) && position < i;

      mill_trace_add_hop (copy, mill_hop_copy (hop), follows ? copy->hops->pdata[position] : NULL);
    }
  copy->state = self->state;
  copy->ended = self->ended;
  return copy;
}

gboolean
mill_trace_changed (MillTrace *self,
                    MillHop   *hop)
{
  MillTraceState before = self->state;

  self->state = work_out_state (self);
  if (self->state == MILL_TRACE_UNDER_WAY || self->state == MILL_TRACE_STUCK)
    self->ended = 0;
  else
    for (guint i = 0; i < self->hops->len; i++)
      {
        MillHop *each = self->hops->pdata[i];

        self->ended = MAX (self->ended, MAX (each->left, each->arrived));
      }
  g_signal_emit (self, signals[HOP_CHANGED], 0, hop);
  return self->state != before;
}

GPtrArray *
mill_trace_get_hops (MillTrace *self)
{
  return self->hops;
}

const char *
mill_trace_get_id (MillTrace *self)
{
  g_return_val_if_fail (MILL_IS_TRACE (self), NULL);
  return self->id;
}

MillTraceState
mill_trace_get_state (MillTrace *self)
{
  g_return_val_if_fail (MILL_IS_TRACE (self), MILL_TRACE_FAILED);
  return self->state;
}

const char *
mill_trace_get_state_name (MillTrace *self)
{
  static const char *const names[] = { "under-way", "delivered", "failed", "stuck", "filtered" };

  g_return_val_if_fail (MILL_IS_TRACE (self), NULL);
  return names[self->state];
}

double
mill_trace_get_started (MillTrace *self)
{
  g_return_val_if_fail (MILL_IS_TRACE (self), 0);
  return self->hops->len > 0 ? ((MillHop *) self->hops->pdata[0])->arrived : 0;
}

double
mill_trace_get_ended (MillTrace *self)
{
  g_return_val_if_fail (MILL_IS_TRACE (self), 0);
  return self->ended;
}

const char *
mill_trace_get_summary (MillTrace *self)
{
  g_return_val_if_fail (MILL_IS_TRACE (self), NULL);
  /* What nobody could read at first may be known further on. */
  for (guint i = 0; i < self->hops->len; i++)
    if (*mill_hop_get_payload (self->hops->pdata[i]) != '\0')
      return mill_hop_get_payload (self->hops->pdata[i]);
  return self->hops->len > 0 && g_str_equal (mill_hop_get_kind (self->hops->pdata[0]), "gateway") ? mill_hop_get_log (self->hops->pdata[0]) : "";
}

MillHop *
mill_trace_get_key_hop (MillTrace *self)
{
  MillHop *key = NULL;

  g_return_val_if_fail (MILL_IS_TRACE (self), NULL);
  for (guint i = 0; i < self->hops->len; i++)
    {
      MillHop *hop = self->hops->pdata[i];

      if (hop->status == MILL_HOP_FAILED || hop->status == MILL_HOP_RETRYING || hop->stuck)
        return hop;
      key = hop;
    }
  return key;
}

void
mill_trace_set_dropped (MillTrace *self)
{
  self->dropped = TRUE;
}

gboolean
mill_trace_get_dropped (MillTrace *self)
{
  return self->dropped;
}
