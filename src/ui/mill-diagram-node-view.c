/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-node-view.h"

#include <glib/gi18n.h>
#include <math.h>

#include "mill-diagram-map.h"
#include "mill-failure.h"
#include "mill-look.h"
#include "mill-sparkline.h"

#define LIGHT_MS 900

struct _MillDiagramNodeView
{
  GtkButton parent_instance;

  GtkWidget *icon;
  GtkWidget *label;
  GtkWidget *count;
  GtkWidget *state;
  GtkWidget *errors;
  GtkWidget *sparkline;
  GtkWidget *held;

  const MillDiagramNode *node;
  MillResourceState resource_state;
  guint64 n;
  guint64 n_errors;
  guint n_held;
  MillHop *trouble;
  char *trouble_error;          /* by which it is noticed that it has told more */
  MillFailure *failure;
  gint64 lit_at;
  gboolean lit_bad;
  guint light;
  char *tip;
};

G_DEFINE_FINAL_TYPE (MillDiagramNodeView, mill_diagram_node_view, GTK_TYPE_BUTTON)

static char *
format_count (MillDiagramNodeView *self)
{
  const char *kind = self->node->kind;
  guint n = (guint) MIN (self->n, G_MAXUINT);

  if (g_strcmp0 (kind, "queue") == 0)
    return g_strdup_printf (ngettext ("%u waiting", "%u waiting", n), n);
  if (g_strcmp0 (kind, "function") == 0)
    return g_strdup_printf (ngettext ("%u run", "%u runs", n), n);
  if (g_strcmp0 (kind, "table") == 0)
    return g_strdup_printf (ngettext ("%u item", "%u items", n), n);
  if (g_strcmp0 (kind, "gateway") == 0)
    return g_strdup_printf (ngettext ("%u request", "%u requests", n), n);
  if (g_strcmp0 (kind, "topic") == 0)
    return g_strdup_printf (ngettext ("%u delivery", "%u deliveries", n), n);
  if (g_strcmp0 (kind, "stream") == 0)
    return g_strdup_printf (ngettext ("%u record", "%u records", n), n);
  return g_strdup_printf (ngettext ("%u message", "%u messages", n), n);
}

static gboolean
is_made (MillResourceState state)
{
  return state == MILL_RESOURCE_MADE || state == MILL_RESOURCE_VERIFIED;
}

static void
set_css_class (GtkWidget  *widget,
               const char *name,
               gboolean    on)
{
  if (on)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

static void
add_part (GString    *text,
          const char *part)
{
  if (text->len > 0)
    g_string_append (text, ", ");
  g_string_append (text, part);
}

/* (transfer full): a few letters: the permission that is missing (its service goes without saying), else how often something went wrong. */
static char *
format_badge (MillDiagramNodeView *self)
{
  guint errors = (guint) MIN (self->n_errors, G_MAXUINT);
  const char *colon = self->failure != NULL ? strchr (self->failure->action, ':') : NULL;

  if (colon != NULL)
    /* Translators: a permission that is missing, in as few letters as can be: "no PutItem" */
    return g_strdup_printf (_("no %s"), colon + 1);
  if (errors > 0)
    return g_strdup_printf (ngettext ("%u error", "%u errors", errors), errors);
  return g_strdup (mill_look_of_trace (MILL_TRACE_STUCK).label);
}

/* What there is to be said of its messages, besides the number in it. */
static void
update (MillDiagramNodeView *self)
{
  guint errors = (guint) MIN (self->n_errors, G_MAXUINT);
  g_autofree char *name = g_strdup_printf ("%s: %s", mill_kind_get_label (self->node->kind), self->node->label);
  g_autofree char *count = format_count (self);
  g_autofree char *badge = format_badge (self);
  g_autofree char *held = g_strdup_printf (ngettext ("%u held", "%u held", self->n_held), self->n_held);
  g_autoptr(GString) description = g_string_new (NULL);

  gtk_label_set_label (GTK_LABEL (self->count), self->n > 0 ? count : "");
  gtk_label_set_label (GTK_LABEL (self->errors), badge);
  gtk_widget_set_visible (self->errors, errors > 0 || self->failure != NULL);
  gtk_label_set_label (GTK_LABEL (self->held), held);
  gtk_widget_set_visible (self->held, self->n_held > 0);
  gtk_widget_set_opacity (self->count, self->n_held > 0 ? 0 : 1);

  if (self->node->resource != NULL)
    add_part (description, mill_look_of_resource (self->resource_state).label);
  if (self->n > 0)
    add_part (description, count);
  if (errors > 0)
    {
      g_autofree char *lately = g_strdup_printf (ngettext ("%u error in the last minute", "%u errors in the last minute", errors), errors);

      add_part (description, lately);
    }
  if (self->failure != NULL)
    add_part (description, self->failure->title);
  if (self->n_held > 0)
    add_part (description, held);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description->str, -1);
  g_free (self->tip);
  self->tip = description->len > 0 ? g_strdup_printf ("%s\n%s", name, description->str) : g_steal_pointer (&name);
}

static void
update_state (MillDiagramNodeView *self)
{
  MillLook look = mill_look_of_resource (self->resource_state);
  gboolean planned = self->resource_state == MILL_RESOURCE_PLANNED || self->resource_state == MILL_RESOURCE_DELETED;
  gboolean bad = self->resource_state == MILL_RESOURCE_FAILED || self->resource_state == MILL_RESOURCE_MISSING ||
                 self->resource_state == MILL_RESOURCE_CHANGED;

  set_css_class (GTK_WIDGET (self), "planned", planned);
  set_css_class (GTK_WIDGET (self), "bad", bad);
  gtk_widget_set_visible (self->state, !planned && !is_made (self->resource_state));
  gtk_image_set_from_icon_name (GTK_IMAGE (self->state), look.icon);
  gtk_widget_set_css_classes (self->state, (const char *[]) { look.style, NULL });
  update (self);
}

/* Setting the text each time that a number changes would ask the display server each time whether it is to be shown. */
static gboolean
on_query_tooltip (MillDiagramNodeView *self,
                  int                  x,
                  int                  y,
                  gboolean             keyboard,
                  GtkTooltip          *tooltip)
{
  gtk_tooltip_set_text (tooltip, self->tip);
  return TRUE;
}

static gboolean
end_light (gpointer data)
{
  MillDiagramNodeView *self = data;

  self->light = 0;
  gtk_widget_remove_css_class (GTK_WIDGET (self), "lit");
  gtk_widget_remove_css_class (GTK_WIDGET (self), "lit-bad");
  return G_SOURCE_REMOVE;
}

static void
mill_diagram_node_view_dispose (GObject *object)
{
  MillDiagramNodeView *self = MILL_DIAGRAM_NODE_VIEW (object);

  g_clear_handle_id (&self->light, g_source_remove);
  g_clear_object (&self->trouble);
  G_OBJECT_CLASS (mill_diagram_node_view_parent_class)->dispose (object);
}

static void
mill_diagram_node_view_finalize (GObject *object)
{
  MillDiagramNodeView *self = MILL_DIAGRAM_NODE_VIEW (object);

  g_free (self->tip);
  g_free (self->trouble_error);
  g_clear_pointer (&self->failure, mill_failure_free);
  G_OBJECT_CLASS (mill_diagram_node_view_parent_class)->finalize (object);
}

static void
mill_diagram_node_view_class_init (MillDiagramNodeViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_diagram_node_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_diagram_node_view_finalize;
}

static void
mill_diagram_node_view_init (MillDiagramNodeView *self)
{
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  gtk_widget_add_css_class (GTK_WIDGET (self), "mill-node");
  self->icon = gtk_image_new ();
  self->label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (self->label), 2);
  gtk_label_set_ellipsize (GTK_LABEL (self->label), PANGO_ELLIPSIZE_END);
  gtk_label_set_justify (GTK_LABEL (self->label), GTK_JUSTIFY_CENTER);
  gtk_label_set_width_chars (GTK_LABEL (self->label), 4);
  gtk_label_set_max_width_chars (GTK_LABEL (self->label), 12);
  gtk_widget_add_css_class (self->label, "caption-heading");
  self->count = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->count, "caption");
  gtk_widget_add_css_class (self->count, "numeric");
  gtk_widget_add_css_class (self->count, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (self->count), PANGO_ELLIPSIZE_END);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), self->icon);
  gtk_box_append (GTK_BOX (box), self->label);
  gtk_box_append (GTK_BOX (box), self->count);
  self->sparkline = mill_sparkline_new ();
  gtk_box_append (GTK_BOX (box), self->sparkline);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), box);

  self->state = gtk_image_new ();
  gtk_widget_set_halign (self->state, GTK_ALIGN_END);
  gtk_widget_set_valign (self->state, GTK_ALIGN_START);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->state);
  self->errors = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->errors, "mill-badge");
  gtk_label_set_ellipsize (GTK_LABEL (self->errors), PANGO_ELLIPSIZE_END);
  gtk_widget_set_halign (self->errors, GTK_ALIGN_START);
  gtk_widget_set_valign (self->errors, GTK_ALIGN_START);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->errors);
  self->held = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->held, "mill-held");
  gtk_widget_set_halign (self->held, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->held, GTK_ALIGN_END);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->held);
  gtk_button_set_child (GTK_BUTTON (self), overlay);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (on_query_tooltip), NULL);
}

GtkWidget *
mill_diagram_node_view_new (const MillDiagramNode *node)
{
  MillDiagramNodeView *self = g_object_new (MILL_TYPE_DIAGRAM_NODE_VIEW, NULL);

  self->node = node;
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), mill_kind_get_icon (node->kind));
  gtk_label_set_label (GTK_LABEL (self->label), node->label);
  update_state (self);
  return GTK_WIDGET (self);
}

const MillDiagramNode *
mill_diagram_node_view_get_node (MillDiagramNodeView *self)
{
  return self->node;
}

void
mill_diagram_node_view_set_state (MillDiagramNodeView *self,
                                  MillResourceState    state)
{
  if (self->resource_state == state)
    return;
  self->resource_state = state;
  update_state (self);
}

void
mill_diagram_node_view_set_activity (MillDiagramNodeView *self,
                                     guint64              count,
                                     guint64              errors,
                                     const guint         *parts,
                                     guint                n)
{
  mill_sparkline_set_values (MILL_SPARKLINE (self->sparkline), parts, n);
  if (self->n == count && self->n_errors == errors)
    return;
  self->n = count;
  self->n_errors = errors;
  update (self);
}

void
mill_diagram_node_view_set_trouble (MillDiagramNodeView *self,
                                    MillHop             *hop)
{
  const char *error = hop != NULL ? mill_hop_get_error (hop) : NULL;

  if (self->trouble == hop && g_strcmp0 (self->trouble_error, error) == 0)
    return;
  g_set_object (&self->trouble, hop);
  g_free (self->trouble_error);
  self->trouble_error = g_strdup (error);
  g_clear_pointer (&self->failure, mill_failure_free);
  self->failure = hop != NULL ? mill_failure_explain (hop, self->node->label) : NULL;
  update (self);
}

void
mill_diagram_node_view_set_held (MillDiagramNodeView *self,
                                 guint                held)
{
  if (self->n_held == held)
    return;
  self->n_held = held;
  update (self);
}

void
mill_diagram_node_view_light (MillDiagramNodeView *self,
                              gboolean             failed)
{
  gint64 now = g_get_monotonic_time ();

  /* With hundreds of messages a second it simply stays lit. */
  if (self->light != 0 && self->lit_bad == failed && now - self->lit_at < LIGHT_MS * 1000 / 4)
    return;
  self->lit_at = now;
  self->lit_bad = failed;
  gtk_widget_add_css_class (GTK_WIDGET (self), failed ? "lit-bad" : "lit");
  g_clear_handle_id (&self->light, g_source_remove);
  self->light = g_timeout_add (LIGHT_MS, end_light, self);
}

void
mill_diagram_node_view_set_chosen (MillDiagramNodeView *self,
                                   gboolean             chosen)
{
  set_css_class (GTK_WIDGET (self), "chosen", chosen);
}

double
mill_diagram_node_view_get_growth (MillDiagramNodeView *self,
                                   double               at_least)
{
  int width, height;

  gtk_widget_measure (GTK_WIDGET (self), GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  at_least = MAX (at_least, width / MILL_NODE_WIDTH);
  gtk_widget_measure (GTK_WIDGET (self), GTK_ORIENTATION_VERTICAL, (int) ceil (MILL_NODE_WIDTH * at_least), &height, NULL, NULL, NULL);
  return MAX (at_least, height / MILL_NODE_HEIGHT);
}

void
mill_diagram_node_view_place (MillDiagramNodeView    *self,
                              const graphene_point_t *centre,
                              double                  growth,
                              double                  scale)
{
  int width = (int) ceil (MILL_NODE_WIDTH * growth), height = (int) ceil (MILL_NODE_HEIGHT * growth);
  GskTransform *transform;

  scale /= growth;
  transform = gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (roundf (centre->x - width * scale / 2), roundf (centre->y - height * scale / 2)));
  gtk_widget_measure (GTK_WIDGET (self), GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  gtk_widget_allocate (GTK_WIDGET (self), width, height, -1, gsk_transform_scale (transform, scale, scale));
}
