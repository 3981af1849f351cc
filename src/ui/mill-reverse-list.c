/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-reverse-list.h"

struct _MillReverseList
{
  GObject parent_instance;

  GListModel *model;
};

static void mill_reverse_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillReverseList, mill_reverse_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, mill_reverse_list_model_init))

static void
on_items_changed (MillReverseList *self,
                  guint            position,
                  guint            removed,
                  guint            added)
{
  guint now = g_list_model_get_n_items (self->model);

  g_list_model_items_changed (G_LIST_MODEL (self), now - added - position, removed, added);
}

static GType
mill_reverse_list_get_item_type (GListModel *list)
{
  return g_list_model_get_item_type (MILL_REVERSE_LIST (list)->model);
}

static guint
mill_reverse_list_get_n_items (GListModel *list)
{
  return g_list_model_get_n_items (MILL_REVERSE_LIST (list)->model);
}

static gpointer
mill_reverse_list_get_item (GListModel *list,
                            guint       position)
{
  MillReverseList *self = MILL_REVERSE_LIST (list);
  guint n = g_list_model_get_n_items (self->model);

  return position < n ? g_list_model_get_item (self->model, n - 1 - position) : NULL;
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
  g_object_unref (MILL_REVERSE_LIST (object)->model);
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
}

MillReverseList *
mill_reverse_list_new (GListModel *model)
{
  MillReverseList *self = g_object_new (MILL_TYPE_REVERSE_LIST, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  return self;
}
