/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-step-bar.h"

#include <glib/gi18n.h>

#include "mill-component.h"
#include "mill-pulse.h"
#include "mill-wrap.h"

struct _MillStepBar
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *title;
  GtkWidget *where;
  GtkWidget *next;
  GtkWidget *all;

  MillSession *session;
  MillPulse pulse;
};

enum {
  HELD,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillStepBar, mill_step_bar, GTK_TYPE_WIDGET)

/* A place where messages are held. */
typedef struct {
  char *component;
  char *kind;
  guint n;
} Place;

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->component);
  g_free (place->kind);
  g_free (place);
}

static void
count_held (const char *id,
            const char *component,
            const char *kind,
            MillHop    *hop,
            gpointer    data)
{
  GPtrArray *places = data;
  Place *place;

  for (guint i = 0; i < places->len; i++)
    {
      place = places->pdata[i];
      if (g_str_equal (place->component, component) && g_str_equal (place->kind, kind))
        {
          place->n++;
          return;
        }
    }
  place = g_new0 (Place, 1);
  place->component = g_strdup (component);
  place->kind = g_strdup (kind);
  place->n = 1;
  g_ptr_array_add (places, place);
}

/* In the order of the diagram. */
static gint
compare_places (gconstpointer a,
                gconstpointer b,
                gpointer      tutorial)
{
  const Place *one = *(Place *const *) a, *other = *(Place *const *) b;

  return mill_component_find_node (tutorial, one->component, one->kind) - mill_component_find_node (tutorial, other->component, other->kind);
}

static void
update (gpointer data)
{
  MillStepBar *self = data;
  MillStepMode *mode = mill_session_get_step_mode (self->session);
  MillWatch *watch = mill_session_get_watch (self->session);
  MillTutorial *tutorial = mill_session_get_tutorial (self->session);
  guint n = mill_watch_get_n_held (watch);
  g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func (place_free);
  g_autoptr(GHashTable) nodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GString) where = g_string_new (NULL);
  g_autofree char *title = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self), mill_step_mode_get_on (mode));
  mill_watch_foreach_held (watch, count_held, places);
  if (tutorial != NULL)
    g_ptr_array_sort_with_data (places, compare_places, tutorial);
  for (guint i = 0; i < places->len; i++)
    {
      Place *place = places->pdata[i];
      int node = tutorial != NULL ? mill_component_find_node (tutorial, place->component, place->kind) : -1;
      g_autofree char *name = mill_component_dup_title (self->session, place->component, place->kind);
      /* Translators: so many messages are held at the component of that name */
      g_autofree char *one = g_strdup_printf (_("%u at %s"), place->n, name);

      g_string_append_printf (where, "%s%s", i > 0 ? " · " : "", one);
      if (node >= 0)
        {
          const char *id = ((MillDiagramNode *) mill_tutorial_get_nodes (tutorial)->pdata[node])->id;
          guint before = GPOINTER_TO_UINT (g_hash_table_lookup (nodes, id));

          g_hash_table_insert (nodes, g_strdup (id), GUINT_TO_POINTER (before + place->n));
        }
    }
  if (n == 0)
    g_string_assign (where, _("Send something: it waits at each hop until you let it go."));
  title = n == 0 ? g_strdup (_("Step mode")) : g_strdup_printf (ngettext ("Step mode: %u message held", "Step mode: %u messages held", n), n);
  gtk_label_set_label (GTK_LABEL (self->title), title);
  gtk_label_set_label (GTK_LABEL (self->where), where->str);
  gtk_widget_set_tooltip_text (self->where, where->str);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "step.all", n > 0);
  gtk_widget_set_sensitive (self->next, n > 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, where->str, -1);
  g_signal_emit (self, signals[HELD], 0, nodes);
}

/* Hundreds may be held or let go at once. */
static void
update_soon (MillStepBar *self)
{
  mill_pulse_ring (&self->pulse);
}

static void
on_all (GtkWidget  *widget,
        const char *name,
        GVariant   *parameter)
{
  MillStepBar *self = MILL_STEP_BAR (widget);

  if (self->session != NULL)
    mill_step_mode_release_all (mill_session_get_step_mode (self->session));
}

static void
mill_step_bar_dispose (GObject *object)
{
  MillStepBar *self = MILL_STEP_BAR (object);

  mill_pulse_stop (&self->pulse);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (mill_step_bar_parent_class)->dispose (object);
}

static void
mill_step_bar_class_init (MillStepBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_step_bar_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "millstepbar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_install_action (widget_class, "step.all", NULL, on_all);
  signals[HELD] = g_signal_new ("held", MILL_TYPE_STEP_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_HASH_TABLE);
}

static GtkWidget *
new_button (const char *label,
            const char *action,
            const char *tip)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

static void
mill_step_bar_init (MillStepBar *self)
{
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->pulse = (MillPulse) { .func = update, .data = self };
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->title = gtk_label_new (NULL);
  self->where = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_xalign (GTK_LABEL (self->where), 0);
  mill_wrap (self->title);
  mill_wrap (self->where);
  gtk_widget_set_css_classes (self->title, (const char *[]) { "heading", "numeric", NULL });
  gtk_widget_set_css_classes (self->where, (const char *[]) { "caption", "numeric", NULL });
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), self->title);
  gtk_box_append (GTK_BOX (texts), self->where);
  self->next = new_button (_("Next _Hop"), "deployment.next-hop", _("Let the chosen message, or the one held longest, go one hop (F7)"));
  gtk_widget_add_css_class (self->next, "suggested-action");
  self->all = new_button (_("_All"), "step.all", _("Let all that is held go one hop"));
  gtk_box_append (GTK_BOX (self->box), gtk_image_new_from_icon_name ("mill-step-symbolic"));
  gtk_box_append (GTK_BOX (self->box), texts);
  gtk_box_append (GTK_BOX (self->box), self->next);
  gtk_box_append (GTK_BOX (self->box), self->all);
  gtk_widget_add_css_class (self->box, "mill-step-bar");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
mill_step_bar_new (void)
{
  return g_object_new (MILL_TYPE_STEP_BAR, NULL);
}

void
mill_step_bar_set_session (MillStepBar *self,
                           MillSession *session)
{
  MillStepMode *mode = mill_session_get_step_mode (session);

  g_return_if_fail (self->session == NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (mode, "notify::on", G_CALLBACK (update_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mode, "changed", G_CALLBACK (update_soon), self, G_CONNECT_SWAPPED);
  update (self);
}
