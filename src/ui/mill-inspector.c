/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-inspector.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-log-row.h"
#include "mill-component.h"
#include "mill-configuration.h"
#include "mill-drift.h"
#include "mill-empty.h"
#include "mill-fact-row.h"
#include "mill-format.h"
#include "mill-hidden.h"
#include "mill-look.h"
#include "mill-permissions.h"
#include "mill-resource-calls.h"
#include "mill-source.h"
#include "mill-tap-card.h"
#include "mill-wrap.h"

#define RECENT_HOPS 8
/* So many of the latest messages are asked whether they came here. */
#define RECENT_TRACES 200
#define LOG_LINES 30
/* While the past is played it follows no quicker than this, in milliseconds. */
#define FOLLOW_MS 300

struct _MillInspector
{
  GtkWidget parent_instance;

  GtkWidget *stack;
  GtkWidget *box;
  GtkWidget *facts;
  GtkWidget *log;             /* how the resource that is shown, or was before, logs; or NULL */
  GtkWidget *tap;             /* the topic's that is shown, or was before; NULL */
  GtkWidget *calls;           /* of the resource that is shown, or was before */

  MillSession *session;
  const MillDiagramNode *node;
  GSignalGroup *resource_signals;
  guint follow;
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
on_show_hop (MillInspector *self,
             GtkWidget     *row)
{
  g_signal_emit (self, signals[HOP_CHOSEN], 0, g_object_get_data (G_OBJECT (row), "mill-hop"));
}

/* What a function wrote: the last lines of it. */
static GtkWidget *
new_log (const char *log)
{
  g_auto(GStrv) lines = g_strsplit (log, "\n", -1);
  guint n = g_strv_length (lines);
  g_autofree char *text = g_strjoinv ("\n", lines + (n > LOG_LINES + 1 ? n - LOG_LINES - 1 : 0));
  GtkWidget *label = gtk_label_new (g_strchomp (text));

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  mill_wrap (label);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_css_classes (label, (const char *[]) { "monospace", "caption", "mill-log", NULL });
  return label;
}

static GtkWidget *
new_hop_row (MillInspector *self,
             MillTrace     *trace,
             MillHop       *hop)
{
  double moment = mill_timeline_get_moment (mill_session_get_timeline (self->session));
  gboolean item = g_str_equal (mill_hop_get_kind (hop), "table");
  g_autofree char *title = mill_format_line (item && *mill_hop_get_payload (hop) != '\0' ? mill_hop_get_payload (hop) : mill_trace_get_summary (trace));
  g_autofree char *when = mill_format_clock (mill_hop_get_arrived (hop));
  g_autofree char *subtitle = NULL;
  gboolean logs = *mill_hop_get_log (hop) != '\0';
  GtkWidget *row = logs ? adw_expander_row_new () : adw_action_row_new ();
  GtkWidget *show = gtk_button_new_from_icon_name ("go-next-symbolic");
  MillHopThen then;
  MillLook look;

  mill_timeline_look_at_hop (hop, moment, &then);
  look = moment > 0 ? mill_look_of_hop_status (then.status) : mill_look_of_hop (hop);
  subtitle = g_strdup_printf ("%s · %s", look.label, when);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_widget_add_css_class (show, "flat");
  gtk_widget_set_valign (show, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (show, _("Show This Hop"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (show), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Show This Hop"), -1);
  g_object_set_data_full (G_OBJECT (show), "mill-hop", g_object_ref (hop), g_object_unref);
  g_signal_connect_object (show, "clicked", G_CALLBACK (on_show_hop), self, G_CONNECT_SWAPPED);
  if (logs)
    {
      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), subtitle);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (row), new_log (mill_hop_get_log (hop)));
      adw_expander_row_add_action (ADW_EXPANDER_ROW (row), show);
    }
  else
    {
      adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), show);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), show);
    }
  return row;
}

static const char *
get_hops_title (const char *kind)
{
  if (g_strcmp0 (kind, "function") == 0)
    return _("Recent Runs");
  if (g_strcmp0 (kind, "table") == 0)
    return _("Recent Items");
  return _("Recent Messages");
}

static void
add_hops (MillInspector *self)
{
  GListModel *traces = G_LIST_MODEL (mill_session_get_watch (self->session));
  MillTutorial *tutorial = mill_session_get_tutorial (self->session);
  double moment = mill_timeline_get_moment (mill_session_get_timeline (self->session));
  GtkWidget *group = NULL;
  guint n = g_list_model_get_n_items (traces), shown = 0, index;

  if (!g_ptr_array_find (mill_tutorial_get_nodes (tutorial), self->node, &index))
    return;
  for (guint i = n; i > 0 && shown < RECENT_HOPS && i + RECENT_TRACES > n; i--)
    {
      g_autoptr(MillTrace) trace = g_list_model_get_item (traces, i - 1);

      /* What comes later than the moment that is looked at is none of the latest. */
      if (moment > 0 && mill_trace_get_started (trace) > moment)
        {
          n--;
          continue;
        }
      for (guint j = g_list_model_get_n_items (G_LIST_MODEL (trace)); j > 0 && shown < RECENT_HOPS; j--)
        {
          g_autoptr(MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), j - 1);

          if (mill_component_find_node (tutorial, mill_hop_get_component (hop), mill_hop_get_kind (hop)) != (int) index ||
              (moment > 0 && mill_hop_get_arrived (hop) > moment))
            continue;
          if (group == NULL)
            {
              group = adw_preferences_group_new ();
              adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), get_hops_title (self->node->kind));
              gtk_box_append (GTK_BOX (self->box), group);
            }
          adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), new_hop_row (self, trace, hop));
          shown++;
        }
    }
}

/* What has been read from the ledger stays while only the moment that is looked at changes. */
static void
add_calls (MillInspector *self,
           MillResource  *resource)
{
  if (self->calls == NULL || mill_resource_calls_get_resource (MILL_RESOURCE_CALLS (self->calls)) != resource)
    {
      g_clear_object (&self->calls);
      self->calls = g_object_ref_sink (mill_resource_calls_new (self->session, resource));
    }
  gtk_box_append (GTK_BOX (self->box), self->calls);
}

/* Where public APIs are asked: they do not tell what is published. */
static void
add_tap (MillInspector *self,
         MillResource  *resource)
{
  if (!g_str_equal (mill_resource_get_type_name (resource), "AWS::SNS::Topic") || !mill_watch_uses_probes (mill_session_get_watch (self->session)))
    return;
  if (self->tap == NULL || mill_tap_card_get_topic (MILL_TAP_CARD (self->tap)) != resource)
    {
      g_clear_object (&self->tap);
      self->tap = g_object_ref_sink (mill_tap_card_new (self->session, resource));
    }
  gtk_box_append (GTK_BOX (self->box), self->tap);
}

/* Whether somebody changed it is known only when it is read back: that can be asked for here. */
static GtkWidget *
new_state_row (MillLook look)
{
  GtkWidget *row = mill_fact_row_new_with_icon (_("State"), look.label, look.icon, look.style);
  GtkWidget *check = gtk_button_new_with_label (_("Check Now"));

  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (check, _("Read everything back from the cloud, and tell what somebody changed or deleted"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (check), "deployment.check-all");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), check);
  return row;
}

/* What it said stays while only the moment that is looked at changes. */
static void
add_log (MillInspector *self,
         MillResource  *resource)
{
  if (self->log == NULL || mill_log_row_get_resource (MILL_LOG_ROW (self->log)) != resource)
    {
      g_clear_object (&self->log);
      self->log = mill_log_row_new (self->session, resource);
      if (self->log != NULL)
        g_object_ref_sink (self->log);
    }
  if (self->log != NULL)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->facts), self->log);
}

static void
append (MillInspector *self,
        GtkWidget     *group)
{
  if (group != NULL)
    gtk_box_append (GTK_BOX (self->box), group);
}

static void
fill (MillInspector *self)
{
  const MillDiagramNode *node = self->node;
  MillDeployment *deployment = mill_session_get_deployment (self->session);
  MillResource *resource = node != NULL && node->resource != NULL ? mill_deployment_find_resource (deployment, node->resource) : NULL;
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  gboolean focused = focus != NULL && gtk_widget_is_ancestor (focus, self->box);
  gboolean on_tap = focus != NULL && self->tap != NULL && gtk_widget_is_ancestor (focus, self->tap);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  self->facts = NULL;
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), node != NULL ? "node" : "empty");
  if (node == NULL)
    return;

  self->facts = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->facts), node->label);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->facts),
                                         resource != NULL ? mill_resource_get_type_name (resource) : mill_kind_get_label (node->kind));
  gtk_box_append (GTK_BOX (self->box), self->facts);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_stack_get_child_by_name (GTK_STACK (self->stack), "node")),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, node->label,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, adw_preferences_group_get_description (ADW_PREFERENCES_GROUP (self->facts)), -1);
  if (resource != NULL)
    {
      MillLook look = mill_look_of_resource (mill_resource_get_state (resource));
      g_autoptr(JsonObject) attributes = mill_resource_dup_attributes (resource);

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->facts), new_state_row (look));
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
      add_log (self, resource);
      append (self, mill_drift_new (self->session, resource));
      add_tap (self, resource);
      add_hops (self);
      append (self, mill_permissions_new (self->session, resource));
      append (self, mill_configuration_new (resource));
      add_json (self, _("Attributes"), attributes);
      add_calls (self, resource);
    }
  else
    {
      add_hops (self);
      if (gtk_widget_get_next_sibling (self->facts) == NULL)
        adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->facts),
                                               _("Nothing of it is in the cloud: it sends to the pipeline, or gets what comes out of it."));
    }
  /* Who worked here by keyboard goes on here. */
  if (on_tap && gtk_widget_get_root (focus) != NULL)
    gtk_widget_grab_focus (focus);
  else if (focused)
    gtk_widget_child_focus (self->box, GTK_DIR_TAB_FORWARD);
}

static void
on_state (MillInspector *self)
{
  g_clear_object (&self->log);
  if (self->calls != NULL)
    mill_resource_calls_load (MILL_RESOURCE_CALLS (self->calls));
  fill (self);
}

static void
on_busy (MillInspector *self)
{
  if (!mill_session_get_busy (self->session) && self->node != NULL)
    on_state (self);
}

static gboolean
on_follow (gpointer data)
{
  MillInspector *self = data;

  self->follow = 0;
  fill (self);
  return G_SOURCE_REMOVE;
}

static void
on_moment (MillInspector *self)
{
  if (self->node != NULL && self->follow == 0)
    self->follow = g_timeout_add (FOLLOW_MS, on_follow, self);
}

static void
mill_inspector_dispose (GObject *object)
{
  MillInspector *self = MILL_INSPECTOR (object);

  g_clear_handle_id (&self->follow, g_source_remove);

  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->log);
  g_clear_object (&self->tap);
  g_clear_object (&self->calls);
  g_clear_object (&self->resource_signals);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (mill_inspector_parent_class)->dispose (object);
}

/* What scrolls takes the focus: it is called like the component, and the keys scroll it. */
static gboolean
mill_inspector_grab_focus (GtkWidget *widget)
{
  return gtk_widget_child_focus (gtk_stack_get_visible_child (GTK_STACK (MILL_INSPECTOR (widget)->stack)), GTK_DIR_TAB_FORWARD);
}

static void
mill_inspector_class_init (MillInspectorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_inspector_dispose;
  GTK_WIDGET_CLASS (klass)->grab_focus = mill_inspector_grab_focus;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[HOP_CHOSEN] = g_signal_new ("hop-chosen", MILL_TYPE_INSPECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 1, MILL_TYPE_HOP);
}

static void
mill_inspector_init (MillInspector *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *empty = mill_empty_new ("mill-inspect-symbolic", _("Nothing Chosen"),
                                     _("Choose a component in the diagram to see its configuration, its ids and what went through it."));

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  gtk_widget_add_css_class (self->box, "mill-detail");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->box);
  gtk_widget_add_css_class (scroller, "mill-scroll");
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), empty, "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), scroller, "node");
  mill_hidden_follow (self->stack, gtk_stack_get_pages (GTK_STACK (self->stack)));
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
  self->resource_signals = g_signal_group_new (MILL_TYPE_RESOURCE);
  g_signal_group_connect_swapped (self->resource_signals, "notify::state", G_CALLBACK (on_state), self);
}

GtkWidget *
mill_inspector_new (MillSession *session)
{
  MillInspector *self = g_object_new (MILL_TYPE_INSPECTOR, NULL);

  self->session = g_object_ref (session);
  /* A step that was done or checked may have told of what serves the component, too. */
  g_signal_connect_object (session, "notify::busy", G_CALLBACK (on_busy), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mill_session_get_timeline (session), "notify::moment", G_CALLBACK (on_moment), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
mill_inspector_show (MillInspector         *self,
                     const MillDiagramNode *node)
{
  if (self->node != node)
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (gtk_stack_get_child_by_name (GTK_STACK (self->stack), "node"))), 0);
  self->node = node;
  g_signal_group_set_target (self->resource_signals,
                             node != NULL && node->resource != NULL
                             ? mill_deployment_find_resource (mill_session_get_deployment (self->session), node->resource) : NULL);
  fill (self);
}
