/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-inspector.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-component.h"
#include "mill-fact-row.h"
#include "mill-format.h"
#include "mill-hidden.h"
#include "mill-look.h"
#include "mill-source.h"

#define RECENT_HOPS 8

struct _MillInspector
{
  GtkWidget parent_instance;

  GtkWidget *stack;
  GtkWidget *box;
  GtkWidget *facts;
  GtkWidget *hops;

  MillSession *session;
  const MillDiagramNode *node;
  GSignalGroup *resource_signals;
};

enum {
  HOP_CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillInspector, mill_inspector, GTK_TYPE_WIDGET)

static void
add_json (MillInspector *self,
          const char    *title,
          JsonObject    *object)
{
  g_autoptr(JsonNode) node = NULL;
  g_autofree char *text = NULL;
  GtkWidget *group, *scroller, *source;

  if (object == NULL || json_object_get_size (object) == 0)
    return;
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, object);
  text = json_to_string (node, TRUE);
  group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  source = mill_source_new ("json", title, FALSE);
  mill_source_set_text (source, text);
  scroller = mill_source_frame (source, 40, 320);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), scroller);
  gtk_box_append (GTK_BOX (self->box), group);
}

static void
on_hop_activated (MillInspector *self)
{
  if (self->node != NULL && self->node->resource != NULL)
    g_signal_emit (self, signals[HOP_CHOSEN], 0, self->node->resource);
}

static void
add_hops (MillInspector *self)
{
  GListModel *traces = G_LIST_MODEL (mill_session_get_watch (self->session));
  MillTutorial *tutorial = mill_session_get_tutorial (self->session);
  int index = -1;
  guint shown = 0;

  for (guint i = 0; i < mill_tutorial_get_nodes (tutorial)->len; i++)
    if (mill_tutorial_get_nodes (tutorial)->pdata[i] == self->node)
      index = i;
  self->hops = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->hops), _("Recent Messages Here"));
  for (guint i = g_list_model_get_n_items (traces); i > 0 && shown < RECENT_HOPS && i + 200 > g_list_model_get_n_items (traces); i--)
    {
      g_autoptr(MillTrace) trace = g_list_model_get_item (traces, i - 1);

      for (guint j = g_list_model_get_n_items (G_LIST_MODEL (trace)); j > 0 && shown < RECENT_HOPS; j--)
        {
          g_autoptr(MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), j - 1);
          g_autofree char *when = NULL;
          g_autofree char *subtitle = NULL;
          GtkWidget *row, *icon;
          MillLook look;

          if (mill_component_find_node (tutorial, mill_hop_get_component (hop), mill_hop_get_kind (hop)) != index)
            continue;
          look = mill_look_of_hop (hop);
          when = mill_format_clock (mill_hop_get_arrived (hop));
          subtitle = g_strdup_printf ("%s · %s", look.label, when);
          row = adw_action_row_new ();
          adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
          adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), mill_trace_get_summary (trace));
          adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
          adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
          icon = gtk_image_new_from_icon_name (look.icon);
          gtk_widget_add_css_class (icon, look.style);
          adw_action_row_add_suffix (ADW_ACTION_ROW (row), icon);
          gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
          g_signal_connect_object (row, "activated", G_CALLBACK (on_hop_activated), self, G_CONNECT_SWAPPED);
          adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->hops), row);
          shown++;
        }
    }
  if (shown > 0)
    gtk_box_append (GTK_BOX (self->box), self->hops);
  else
    {
      g_object_ref_sink (self->hops);
      g_clear_object (&self->hops);
    }
}

static void
fill (MillInspector *self)
{
  const MillDiagramNode *node = self->node;
  MillDeployment *deployment = mill_session_get_deployment (self->session);
  MillResource *resource = node != NULL && node->resource != NULL ? mill_deployment_find_resource (deployment, node->resource) : NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  self->facts = self->hops = NULL;
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), node != NULL ? "node" : "empty");
  if (node == NULL)
    return;

  self->facts = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->facts), node->label);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->facts),
                                         resource != NULL ? mill_resource_get_type_name (resource) : mill_kind_get_label (node->kind));
  gtk_box_append (GTK_BOX (self->box), self->facts);
  if (resource != NULL)
    {
      MillLook look = mill_look_of_resource (mill_resource_get_state (resource));
      g_autoptr(JsonObject) properties = mill_resource_dup_properties (resource);
      g_autoptr(JsonObject) attributes = mill_resource_dup_attributes (resource);
      const char *error = mill_resource_get_error (resource);

      if (*error != '\0')
        {
          GtkWidget *bar = mill_bar_new ();

          mill_bar_say (MILL_BAR (bar), error, mill_resource_get_advice (resource), NULL);
          gtk_box_append (GTK_BOX (self->box), bar);
        }
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->facts),
                                 mill_fact_row_new_with_icon (_("State"), look.label, look.icon, look.style));
      if (*mill_resource_get_wait_reason (resource) != '\0')
        adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->facts), mill_fact_row_new (_("Waits because"), mill_resource_get_wait_reason (resource), FALSE));
      if (*mill_resource_get_name (resource) != '\0')
        adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->facts), mill_fact_row_new (_("Name"), mill_resource_get_name (resource), TRUE));
      if (*mill_resource_get_physical_id (resource) != '\0' &&
          g_strcmp0 (mill_resource_get_physical_id (resource), mill_resource_get_name (resource)) != 0 &&
          g_strcmp0 (mill_resource_get_physical_id (resource), mill_resource_get_arn (resource)) != 0)
        adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->facts), mill_fact_row_new (_("ID"), mill_resource_get_physical_id (resource), TRUE));
      if (*mill_resource_get_arn (resource) != '\0')
        adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->facts), mill_fact_row_new (_("ARN"), mill_resource_get_arn (resource), TRUE));
      if (mill_resource_get_milliseconds (resource) > 0)
        {
          g_autofree char *time = mill_format_duration (mill_resource_get_milliseconds (resource) / 1000.0);
          adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->facts), mill_fact_row_new (_("Made in"), time, FALSE));
        }
      add_hops (self);
      add_json (self, _("Properties Sent"), properties);
      add_json (self, _("Attributes"), attributes);
    }
  else
    add_hops (self);
}

static void
mill_inspector_dispose (GObject *object)
{
  MillInspector *self = MILL_INSPECTOR (object);

  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->resource_signals);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (mill_inspector_parent_class)->dispose (object);
}

static void
mill_inspector_class_init (MillInspectorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_inspector_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[HOP_CHOSEN] = g_signal_new ("hop-chosen", MILL_TYPE_INSPECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mill_inspector_init (MillInspector *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *empty = g_object_new (ADW_TYPE_STATUS_PAGE,
                                   "icon-name", "mill-inspect-symbolic",
                                   "title", _("Nothing Chosen"),
                                   "description", _("Choose a component in the diagram to see its configuration, its ids and what went through it."),
                                   NULL);

  gtk_widget_add_css_class (empty, "compact");
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  gtk_widget_add_css_class (self->box, "mill-detail");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->box);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), empty, "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), scroller, "node");
  mill_hidden_follow (self->stack, gtk_stack_get_pages (GTK_STACK (self->stack)));
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  self->resource_signals = g_signal_group_new (MILL_TYPE_RESOURCE);
  g_signal_group_connect_swapped (self->resource_signals, "notify::state", G_CALLBACK (fill), self);
}

GtkWidget *
mill_inspector_new (MillSession *session)
{
  MillInspector *self = g_object_new (MILL_TYPE_INSPECTOR, NULL);

  self->session = g_object_ref (session);
  return GTK_WIDGET (self);
}

void
mill_inspector_show (MillInspector         *self,
                     const MillDiagramNode *node)
{
  self->node = node;
  g_signal_group_set_target (self->resource_signals,
                             node != NULL && node->resource != NULL
                             ? mill_deployment_find_resource (mill_session_get_deployment (self->session), node->resource) : NULL);
  fill (self);
}
