/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-messages-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-component.h"
#include "mill-empty.h"
#include "mill-follow-top.h"
#include "mill-hidden.h"
#include "mill-hop-view.h"
#include "mill-list.h"
#include "mill-message-row.h"
#include "mill-pulse.h"
#include "mill-reverse-list.h"

/* While the past is played the list follows no quicker than this, in milliseconds. */
#define FOLLOW_MS 150
/* So many rows that nobody sees follow what happens with each pulse. GTK keeps two hundred: to lay them all out anew takes longer than two frames. */
#define UNSEEN_A_PULSE 10

struct _MillMessagesView
{
  GtkWidget parent_instance;

  GtkWidget *stack;
  GtkWidget *list;
  GtkWidget *hop_view;
  GtkWidget *hop_scroller;

  MillSession *session;
  MillTimeline *timeline;
  GtkFilter *filter;            /* what had happened at the moment that is looked at */
  GtkTreeListModel *tree;
  GtkSingleSelection *selection;
  GHashTable *bound;            /* a trace or a hop → the row that shows it now */
  guint follow;
  GHashTable *stale;            /* traces and hops that gained facts since the last pulse */
  MillPulse pulse;
};

enum {
  COMPONENT_CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillMessagesView, mill_messages_view, GTK_TYPE_WIDGET)

static gboolean
had_happened (gpointer item,
              gpointer data)
{
  MillTimeline *timeline = data;
  double moment = mill_timeline_get_moment (timeline);

  if (moment == 0)
    return TRUE;
  return (MILL_IS_TRACE (item) ? mill_trace_get_started (item) : mill_hop_get_arrived (item)) <= moment;
}

static GListModel *
create_hops (gpointer item,
             gpointer data)
{
  return MILL_IS_TRACE (item) ? G_LIST_MODEL (gtk_filter_list_model_new (g_object_ref (item), g_object_ref (data))) : NULL;
}

static void
fill_row (MillMessagesView *self,
          MillMessageRow   *row,
          GtkTreeListRow   *tree_row,
          gpointer          item)
{
  if (MILL_IS_TRACE (item))
    mill_message_row_show_trace (row, item, mill_timeline_get_moment (self->timeline));
  else
    {
      g_autoptr(GtkTreeListRow) parent = gtk_tree_list_row_get_parent (tree_row);
      g_autoptr(MillTrace) trace = parent != NULL ? gtk_tree_list_row_get_item (parent) : NULL;
      g_autofree char *title = mill_component_dup_title (self->session, mill_hop_get_component (item), mill_hop_get_kind (item));

      mill_message_row_show_hop (row, item, title, trace != NULL ? mill_trace_get_started (trace) : mill_hop_get_arrived (item),
                                 mill_timeline_get_moment (self->timeline));
    }
}

static void
on_setup (GtkSignalListItemFactory *factory,
          GtkListItem              *item)
{
  GtkWidget *expander = gtk_tree_expander_new ();

  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), mill_message_row_new ());
  gtk_list_item_set_child (item, expander);
}

static void
on_bind (MillMessagesView *self,
         GtkListItem      *item)
{
  GtkTreeListRow *tree_row = gtk_list_item_get_item (item);
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  g_autoptr(GObject) object = gtk_tree_list_row_get_item (tree_row);
  GtkWidget *row = gtk_tree_expander_get_child (expander);

  /* GTK 4.8 may bind once more a row that went together with many others, before it lets go of it. */
  if (object == NULL)
    return;
  gtk_tree_expander_set_list_row (expander, tree_row);
  /* A row that has left the list no longer says what it stood for. */
  g_object_set_data_full (G_OBJECT (item), "mill-object", g_object_ref (object), g_object_unref);
  g_hash_table_insert (self->bound, object, item);
  fill_row (self, MILL_MESSAGE_ROW (row), tree_row, object);
}

static void
on_unbind (MillMessagesView *self,
           GtkListItem      *item)
{
  gpointer object = g_object_get_data (G_OBJECT (item), "mill-object");

  if (g_hash_table_lookup (self->bound, object) == item)
    g_hash_table_remove (self->bound, object);
  /* The expander keeps its row until it gets another one: without one it would make its arrow anew. */
  g_object_set_data (G_OBJECT (item), "mill-object", NULL);
}

static void
refresh (MillMessagesView *self,
         gpointer          object)
{
  GtkListItem *item = g_hash_table_lookup (self->bound, object);

  if (item != NULL)
    fill_row (self, MILL_MESSAGE_ROW (gtk_tree_expander_get_child (GTK_TREE_EXPANDER (gtk_list_item_get_child (item)))),
              gtk_list_item_get_item (item), object);
}

/* The hop that matters at the moment that is looked at. */
static MillHop *
find_key_hop (MillMessagesView *self,
              MillTrace        *trace)
{
  MillHop *key = mill_trace_get_key_hop (trace);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (trace));

  for (guint i = n; key != NULL && !had_happened (key, self->timeline) && i > 0; i--)
    {
      g_autoptr(MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), i - 1);

      /* Its trace holds it. */
      key = hop;
    }
  return key;
}

static void
on_selected (MillMessagesView *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);
  g_autoptr(GObject) item = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
  MillHop *hop = NULL;
  g_autofree char *title = NULL;

  if (MILL_IS_HOP (item))
    hop = MILL_HOP (item);
  else if (MILL_IS_TRACE (item))
    hop = find_key_hop (self, MILL_TRACE (item));
  gtk_widget_set_visible (self->hop_scroller, hop != NULL);
  if (hop != NULL)
    title = mill_component_dup_title (self->session, mill_hop_get_component (hop), mill_hop_get_kind (hop));
  mill_hop_view_set_hop (MILL_HOP_VIEW (self->hop_view), hop, title, mill_timeline_get_moment (self->timeline));
  if (MILL_IS_HOP (item))
    g_signal_emit (self, signals[COMPONENT_CHOSEN], 0, mill_hop_get_component (hop), mill_hop_get_kind (hop));
}

static void
on_activate (MillMessagesView *self,
             guint             position)
{
  g_autoptr(GtkTreeListRow) row = gtk_tree_list_model_get_row (self->tree, position);

  if (row != NULL && gtk_tree_list_row_is_expandable (row))
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

static void
on_hop (MillMessagesView *self,
        MillTrace        *trace,
        MillHop          *hop)
{
  g_hash_table_add (self->stale, hop);
  g_hash_table_add (self->stale, trace);
  mill_pulse_ring (&self->pulse);
}

static void
on_trace (MillMessagesView *self,
          MillTrace        *trace)
{
  g_hash_table_add (self->stale, trace);
  mill_pulse_ring (&self->pulse);
}

static gboolean
is_seen (MillMessagesView *self,
         GtkListItem      *item)
{
  GtkWidget *row = gtk_list_item_get_child (item);
  double y;

  return gtk_widget_get_mapped (row) && gtk_widget_translate_coordinates (row, self->list, 0, 0, NULL, &y) &&
         y < gtk_widget_get_height (self->list) && y + gtk_widget_get_height (row) > 0;
}

/* They may be gone: only those that a row shows are looked at. */
static void
refresh_stale (gpointer data)
{
  MillMessagesView *self = data;
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);
  g_autoptr(GObject) item = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
  gboolean chosen = item != NULL && g_hash_table_contains (self->stale, item);
  g_autoptr(GPtrArray) shown = g_ptr_array_new ();
  g_autoptr(GHashTable) later = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer object, list_item;
  guint unseen = 0;

  g_hash_table_iter_init (&iter, self->bound);
  while (g_hash_table_iter_next (&iter, &object, &list_item))
    if (g_hash_table_contains (self->stale, object))
      {
        if (is_seen (self, list_item) || unseen++ < UNSEEN_A_PULSE)
          g_ptr_array_add (shown, object);
        else
          g_hash_table_add (later, object);
      }
  g_hash_table_unref (self->stale);
  self->stale = g_steal_pointer (&later);
  for (guint i = 0; i < shown->len; i++)
    refresh (self, shown->pdata[i]);
  /* Of a message that is chosen as a whole, the hop that matters may be another one now. */
  if (chosen)
    on_selected (self);
  if (g_hash_table_size (self->stale) > 0)
    mill_pulse_ring (&self->pulse);
}

/* What was not seen may be now. */
static void
on_scrolled (MillMessagesView *self)
{
  if (g_hash_table_size (self->stale) > 0)
    mill_pulse_ring (&self->pulse);
}

static gboolean
on_follow (gpointer data)
{
  MillMessagesView *self = data;
  g_autoptr(GPtrArray) items = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer object;

  self->follow = 0;
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  g_hash_table_iter_init (&iter, self->bound);
  while (g_hash_table_iter_next (&iter, &object, NULL))
    g_ptr_array_add (items, object);
  for (guint i = 0; i < items->len; i++)
    refresh (self, items->pdata[i]);
  on_selected (self);
  return G_SOURCE_REMOVE;
}

static void
on_moment (MillMessagesView *self)
{
  if (mill_timeline_get_playing (self->timeline))
    {
      if (self->follow == 0)
        self->follow = g_timeout_add (FOLLOW_MS, on_follow, self);
      return;
    }
  g_clear_handle_id (&self->follow, g_source_remove);
  on_follow (self);
}

static void
on_items_changed (MillMessagesView *self)
{
  gboolean any = g_list_model_get_n_items (G_LIST_MODEL (mill_session_get_watch (self->session))) > 0;

  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), any ? "list" : "empty");
}

static void
mill_messages_view_dispose (GObject *object)
{
  MillMessagesView *self = MILL_MESSAGES_VIEW (object);

  g_clear_handle_id (&self->follow, g_source_remove);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->timeline);
  g_clear_object (&self->filter);
  g_clear_object (&self->session);
  g_clear_object (&self->tree);
  g_clear_object (&self->selection);
  mill_pulse_stop (&self->pulse);
  g_clear_pointer (&self->stale, g_hash_table_unref);
  g_clear_pointer (&self->bound, g_hash_table_unref);
  G_OBJECT_CLASS (mill_messages_view_parent_class)->dispose (object);
}

static gboolean
mill_messages_view_grab_focus (GtkWidget *widget)
{
  return mill_list_focus (MILL_MESSAGES_VIEW (widget)->list);
}

static void
mill_messages_view_class_init (MillMessagesViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_messages_view_dispose;
  GTK_WIDGET_CLASS (klass)->grab_focus = mill_messages_view_grab_focus;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[COMPONENT_CHOSEN] = g_signal_new ("component-chosen", MILL_TYPE_MESSAGES_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                            G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
mill_messages_view_init (MillMessagesView *self)
{
  self->bound = g_hash_table_new (NULL, NULL);
  self->stale = g_hash_table_new (NULL, NULL);
  self->pulse = (MillPulse) { .func = refresh_stale, .data = self };
}

static void
build (MillMessagesView *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *empty = mill_empty_new ("mill-messages-symbolic", _("No Messages Yet"),
                                     _("Once the pipeline is built, send it something: every message that runs through it shows here."));

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), self, G_CONNECT_SWAPPED);
  self->list = gtk_list_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)), factory);
  gtk_widget_add_css_class (self->list, "mill-messages");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Messages"), -1);
  g_signal_connect_object (self->list, "activate", G_CALLBACK (on_activate), self, G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  mill_follow_top (self->list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request (scroller, -1, 96);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)), "value-changed", G_CALLBACK (on_scrolled), self,
                           G_CONNECT_SWAPPED);

  self->hop_view = mill_hop_view_new ();
  self->hop_scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->hop_scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->hop_scroller), self->hop_view);
  gtk_widget_set_size_request (self->hop_scroller, -1, 120);
  gtk_widget_set_visible (self->hop_scroller, FALSE);

  gtk_paned_set_start_child (GTK_PANED (paned), scroller);
  gtk_paned_set_end_child (GTK_PANED (paned), self->hop_scroller);
  gtk_paned_set_shrink_start_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (paned), FALSE);

  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), empty, "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), paned, "list");
  mill_hidden_follow (self->stack, gtk_stack_get_pages (GTK_STACK (self->stack)));
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
}

GtkWidget *
mill_messages_view_new (MillSession *session)
{
  MillMessagesView *self = g_object_new (MILL_TYPE_MESSAGES_VIEW, NULL);
  MillWatch *watch = mill_session_get_watch (session);

  self->session = g_object_ref (session);
  self->timeline = g_object_ref (mill_session_get_timeline (session));
  self->filter = GTK_FILTER (gtk_custom_filter_new (had_happened, g_object_ref (self->timeline), g_object_unref));
  self->tree = gtk_tree_list_model_new (G_LIST_MODEL (gtk_filter_list_model_new (G_LIST_MODEL (mill_reverse_list_new (G_LIST_MODEL (watch))),
                                                                                 g_object_ref (self->filter))),
                                        FALSE, FALSE, create_hops, g_object_ref (self->filter), g_object_unref);
  /* The model comes last: with it a selection would choose its first item at once. */
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  {
    g_autoptr(GListModel) model = G_LIST_MODEL (g_object_ref (self->tree));

    gtk_single_selection_set_model (self->selection, model);
  }
  build (self);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (watch, "hop", G_CALLBACK (on_hop), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (watch, "trace", G_CALLBACK (on_trace), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->timeline, "notify::moment", G_CALLBACK (on_moment), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (watch, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  on_items_changed (self);
  return GTK_WIDGET (self);
}

/* @trace: where in the list its trace is, expanded. */
static void
choose (MillMessagesView *self,
        MillHop          *hop,
        guint             trace)
{
  for (guint i = trace + 1; i < g_list_model_get_n_items (G_LIST_MODEL (self->tree)); i++)
    {
      g_autoptr(GtkTreeListRow) row = gtk_tree_list_model_get_row (self->tree, i);
      g_autoptr(GObject) item = gtk_tree_list_row_get_item (row);

      if (MILL_IS_TRACE (item))
        return;
      if (item == G_OBJECT (hop))
        {
          gtk_single_selection_set_selected (self->selection, i);
          return;
        }
    }
}

gboolean
mill_messages_view_show_hop (MillMessagesView *self,
                             MillHop          *hop)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->tree));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(GtkTreeListRow) row = gtk_tree_list_model_get_row (self->tree, i);
      g_autoptr(GObject) item = gtk_tree_list_row_get_item (row);

      if (!MILL_IS_TRACE (item))
        continue;
      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (item)); j++)
        {
          g_autoptr(MillHop) own = g_list_model_get_item (G_LIST_MODEL (item), j);

          if (own != hop || !had_happened (hop, self->timeline))
            continue;
          gtk_tree_list_row_set_expanded (row, TRUE);
          choose (self, hop, i);
          return TRUE;
        }
    }
  return FALSE;
}

MillTrace *
mill_messages_view_dup_trace (MillMessagesView *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);
  g_autoptr(GtkTreeListRow) parent = row != NULL ? gtk_tree_list_row_get_parent (row) : NULL;
  g_autoptr(GObject) item = row != NULL ? gtk_tree_list_row_get_item (parent != NULL ? parent : row) : NULL;

  return MILL_IS_TRACE (item) ? MILL_TRACE (g_steal_pointer (&item)) : NULL;
}
