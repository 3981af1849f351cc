/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-views.h"

#include "mill-calls-view.h"
#include "mill-diagram-pane.h"
#include "mill-hidden.h"
#include "mill-inbox-view.h"
#include "mill-inspector.h"
#include "mill-messages-view.h"

struct _MillViews
{
  GtkWidget parent_instance;

  GtkWidget *root;
  GtkWidget *stack;
  GtkWidget *diagram_tab;
  GtkWidget *messages_tab;
  GtkWidget *details_tab;
  GtkWidget *calls_tab;
  GtkWidget *inbox_tab;
  AdwViewStackPage *diagram_page;
  AdwViewStackPage *inbox_page;

  GtkWidget *diagram_pane;
  MillDiagram *diagram;       /* in the pane */
  MillSession *session;
  gboolean made_room;         /* the messages show because the diagram has left */
  guint mails_seen;
};

G_DEFINE_FINAL_TYPE (MillViews, mill_views, GTK_TYPE_WIDGET)

/* To the list of a view, wherever in it the focus was; what has none knows where to begin. */
static void
focus (GtkWidget *view)
{
  if (!gtk_widget_grab_focus (view))
    gtk_widget_child_focus (view, GTK_DIR_TAB_FORWARD);
}

static void
show_node (MillViews  *self,
           const char *id)
{
  mill_diagram_choose (self->diagram, id);
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->stack), "details");
  mill_inspector_show (MILL_INSPECTOR (adw_bin_get_child (ADW_BIN (self->details_tab))),
                       mill_diagram_get_node (self->diagram, id));
  /* Where the diagram has made room for the details, the focus goes there with what is looked at. */
  if (adw_view_stack_page_get_visible (self->diagram_page))
    gtk_widget_grab_focus (adw_bin_get_child (ADW_BIN (self->details_tab)));
}

static void
on_component_chosen (MillViews  *self,
                     const char *component,
                     const char *kind)
{
  mill_diagram_choose (self->diagram, mill_diagram_find_node (self->diagram, component, kind));
}

static void
on_hop_chosen (MillViews *self,
               MillHop   *hop)
{
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->stack), "messages");
  mill_messages_view_show_hop (MILL_MESSAGES_VIEW (adw_bin_get_child (ADW_BIN (self->messages_tab))), hop);
}

static void
update_inbox_badge (MillViews *self)
{
  guint n = g_list_model_get_n_items (mill_mailbox_get_mails (mill_session_get_mailbox (self->session)));

  if (g_strcmp0 (adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->stack)), "inbox") == 0 && gtk_widget_get_mapped (self->stack))
    self->mails_seen = n;
  adw_view_stack_page_set_badge_number (self->inbox_page, n > self->mails_seen ? n - self->mails_seen : 0);
  adw_view_stack_page_set_needs_attention (self->inbox_page, n > self->mails_seen);
}

static void
on_view_changed (MillViews *self)
{
  const char *name = adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->stack));

  if (name == NULL || self->session == NULL)
    return;
  if (g_str_equal (name, "messages") && adw_bin_get_child (ADW_BIN (self->messages_tab)) == NULL)
    {
      GtkWidget *view = mill_messages_view_new (self->session);
      g_signal_connect_object (view, "component-chosen", G_CALLBACK (on_component_chosen), self, G_CONNECT_SWAPPED);
      adw_bin_set_child (ADW_BIN (self->messages_tab), view);
    }
  else if (g_str_equal (name, "details") && adw_bin_get_child (ADW_BIN (self->details_tab)) == NULL)
    {
      GtkWidget *view = mill_inspector_new (self->session);
      g_signal_connect_object (view, "hop-chosen", G_CALLBACK (on_hop_chosen), self, G_CONNECT_SWAPPED);
      adw_bin_set_child (ADW_BIN (self->details_tab), view);
    }
  else if (g_str_equal (name, "calls") && adw_bin_get_child (ADW_BIN (self->calls_tab)) == NULL)
    adw_bin_set_child (ADW_BIN (self->calls_tab), mill_calls_view_new (mill_session_get_target (self->session)));
  else if (g_str_equal (name, "inbox") && adw_bin_get_child (ADW_BIN (self->inbox_tab)) == NULL)
    adw_bin_set_child (ADW_BIN (self->inbox_tab), mill_inbox_view_new (self->session));
  update_inbox_badge (self);
}

static void
mill_views_dispose (GObject *object)
{
  MillViews *self = MILL_VIEWS (object);

  g_clear_object (&self->session);
  g_clear_object (&self->diagram_pane);
  g_clear_pointer (&self->root, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_views_parent_class)->dispose (object);
}

static void
mill_views_class_init (MillViewsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_views_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-views.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillViews, name)
  BIND (root);
  BIND (stack);
  BIND (diagram_tab);
  BIND (messages_tab);
  BIND (details_tab);
  BIND (calls_tab);
  BIND (inbox_tab);
  BIND (diagram_page);
  BIND (inbox_page);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_view_changed);
}

static void
mill_views_init (MillViews *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mill_hidden_follow (self->stack, adw_view_stack_get_pages (ADW_VIEW_STACK (self->stack)));
}

void
mill_views_set_session (MillViews   *self,
                        MillSession *session)
{
  g_set_object (&self->session, session);
  self->diagram_pane = g_object_ref_sink (mill_diagram_pane_new (session));
  self->diagram = mill_diagram_pane_get_diagram (MILL_DIAGRAM_PANE (self->diagram_pane));
  g_signal_connect_object (self->diagram, "node-activated", G_CALLBACK (show_node), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mill_mailbox_get_mails (mill_session_get_mailbox (session)), "items-changed", G_CALLBACK (update_inbox_badge), self, G_CONNECT_SWAPPED);
  adw_bin_set_child (ADW_BIN (self->diagram_tab), self->diagram_pane);
  on_view_changed (self);
}

void
mill_views_renew_calls (MillViews *self)
{
  adw_bin_set_child (ADW_BIN (self->calls_tab), NULL);
  on_view_changed (self);
}

void
mill_views_place_diagram (MillViews *self,
                          AdwBin    *beside)
{
  AdwBin *place = beside != NULL ? beside : ADW_BIN (self->diagram_tab);
  GtkWidget *now = gtk_widget_get_parent (self->diagram_pane);
  const char *shown = adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->stack));

  if (now != GTK_WIDGET (place))
    {
      adw_bin_set_child (ADW_BIN (now), NULL);
      adw_bin_set_child (place, self->diagram_pane);
    }
  adw_view_stack_page_set_visible (self->diagram_page, beside == NULL);
  if (beside != NULL && g_strcmp0 (shown, "diagram") == 0)
    {
      adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->stack), "messages");
      self->made_room = TRUE;
    }
  else if (beside == NULL && self->made_room)
    {
      if (g_strcmp0 (shown, "messages") == 0)
        adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->stack), "diagram");
      self->made_room = FALSE;
    }
}

void
mill_views_show (MillViews  *self,
                 const char *view)
{
  gboolean timeline = g_str_equal (view, "timeline");
  gboolean diagram = timeline || g_str_equal (view, "diagram");

  if (!diagram || adw_view_stack_page_get_visible (self->diagram_page))
    adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->stack), diagram ? "diagram" : view);
  /* Whoever asks for a view by its key wants to be in it. */
  if (timeline)
    mill_diagram_pane_focus_timeline (MILL_DIAGRAM_PANE (self->diagram_pane));
  else if (diagram)
    mill_diagram_pane_focus (MILL_DIAGRAM_PANE (self->diagram_pane));
  else
    focus (adw_bin_get_child (ADW_BIN (adw_view_stack_get_visible_child (ADW_VIEW_STACK (self->stack)))));
}

void
mill_views_show_component (MillViews  *self,
                           const char *component,
                           const char *kind)
{
  const char *node = mill_diagram_find_node (self->diagram, component, kind);

  if (node == NULL)
    return;
  mill_views_show (self, "details");
  show_node (self, node);
}

void
mill_views_export (MillViews *self)
{
  mill_diagram_pane_export (MILL_DIAGRAM_PANE (self->diagram_pane));
}

void
mill_views_set_held (MillViews  *self,
                     GHashTable *held)
{
  if (self->diagram != NULL)
    mill_diagram_set_held (self->diagram, held);
}

MillTrace *
mill_views_dup_trace (MillViews *self)
{
  GtkWidget *messages = adw_bin_get_child (ADW_BIN (self->messages_tab));

  return messages != NULL ? mill_messages_view_dup_trace (MILL_MESSAGES_VIEW (messages)) : NULL;
}
