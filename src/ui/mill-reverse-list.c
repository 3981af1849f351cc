/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-reverse-list.h"

#include "mill-pulse.h"

/*
 * A list view looks at hundreds of rows anew whenever one comes at the top. So this list is what the other one was at the last pulse;
 * what came at its end and went at its beginning since is told at once.
 */
struct _MillReverseList
{
  GObject parent_instance;

  GListModel *model;
  GPtrArray *items;      /* in the model's order */
  guint gone;            /* at the beginning of items, not told yet */
  guint come;            /* at the end of the model, not told yet */
  gboolean other;        /* something else has changed */
  MillPulse pulse;
};

static void mill_reverse_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillReverseList, mill_reverse_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, mill_reverse_list_model_init))

static void
take (MillReverseList *self,
      guint            from)
{
  guint n = g_list_model_get_n_items (self->model);

  for (guint i = from; i < n; i++)
    g_ptr_array_add (self->items, g_list_model_get_item (self->model, i));
}

/* Tells what is between the items at the beginning and at the end that are still there. */
static void
take_anew (MillReverseList *self)
{
  g_autoptr(GPtrArray) before = g_steal_pointer (&self->items);
  guint most, first = 0, last = 0;

  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  take (self, 0);
  most = MIN (before->len, self->items->len);
  while (first < most && before->pdata[first] == self->items->pdata[first])
    first++;
  while (last < most - first && before->pdata[before->len - 1 - last] == self->items->pdata[self->items->len - 1 - last])
    last++;
  g_list_model_items_changed (G_LIST_MODEL (self), last, before->len - first - last, self->items->len - first - last);
}

static void
tell (gpointer data)
{
  MillReverseList *self = data;
  guint gone = self->gone, come = self->come;
  gboolean other = self->other;

  self->gone = self->come = 0;
  self->other = FALSE;
  if (other)
    {
      take_anew (self);
      return;
    }
  /* GTK 4.8 gets confused by much that goes at one end and much that comes at the other before it has laid out its rows. */
  if (gone > 0)
    {
      g_ptr_array_remove_range (self->items, 0, gone);
      g_list_model_items_changed (G_LIST_MODEL (self), self->items->len, gone, 0);
      self->come = come;
      if (come > 0)
        mill_pulse_ring (&self->pulse);
      return;
    }
  if (come > 0)
    {
      take (self, self->items->len);
      g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, come);
    }
}

static void
on_items_changed (MillReverseList *self,
                  guint            position,
                  guint            removed,
                  guint            added)
{
  guint now = g_list_model_get_n_items (self->model);
  guint known = self->items->len - self->gone;   /* those of the model that items has */

  if (removed == 0 && position + added == now)
    self->come += added;
  else if (added == 0 && position == 0 && removed <= known)
    self->gone += removed;
  else if (added == 0 && !self->other && position >= known)
    self->come -= removed;
  else if (added == 0 && !self->other && position + removed <= known)
    {
      guint before = self->items->len;

      g_ptr_array_remove_range (self->items, self->gone + position, removed);
      g_list_model_items_changed (G_LIST_MODEL (self), before - self->gone - position - removed, removed, 0);
      return;
    }
  else
    self->other = TRUE;
  mill_pulse_ring (&self->pulse);
}

static GType
mill_reverse_list_get_item_type (GListModel *list)
{
  return g_list_model_get_item_type (MILL_REVERSE_LIST (list)->model);
}

static guint
mill_reverse_list_get_n_items (GListModel *list)
{
  return MILL_REVERSE_LIST (list)->items->len;
}

static gpointer
mill_reverse_list_get_item (GListModel *list,
                            guint       position)
{
  GPtrArray *items = MILL_REVERSE_LIST (list)->items;

  return position < items->len ? g_object_ref (items->pdata[items->len - 1 - position]) : NULL;
}

static void
mill_reverse_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = mill_reverse_list_get_item_type;
  iface->get_n_items = mill_reverse_list_get_n_items;
  iface->get_item = mill_reverse_list_get_item;
}

static void
mill_reverse_list_finalize (GObject *object)
{
  MillReverseList *self = MILL_REVERSE_LIST (object);

  mill_pulse_stop (&self->pulse);
  g_ptr_array_unref (self->items);
  g_object_unref (self->model);
  G_OBJECT_CLASS (mill_reverse_list_parent_class)->finalize (object);
}

static void
mill_reverse_list_class_init (MillReverseListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_reverse_list_finalize;
}

static void
mill_reverse_list_init (MillReverseList *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->pulse = (MillPulse) { .func = tell, .data = self };
}

MillReverseList *
mill_reverse_list_new (GListModel *model)
{
  MillReverseList *self = g_object_new (MILL_TYPE_REVERSE_LIST, NULL);

  self->model = g_object_ref (model);
  take (self, 0);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  return self;
}
