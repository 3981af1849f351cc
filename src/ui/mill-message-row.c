/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-message-row.h"

#include <glib/gi18n.h>

#include "mill-format.h"
#include "mill-look.h"

struct _MillMessageRow
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *icon;
  GtkWidget *title;
  GtkWidget *subtitle;
  GtkWidget *time;
  GtkWidget *state;
};

G_DEFINE_FINAL_TYPE (MillMessageRow, mill_message_row, GTK_TYPE_WIDGET)

/* A list view asks 200 rows how large they are: a label would lay out its text for that. */
static GtkWidget *
new_line (void)
{
  GtkWidget *line = gtk_inscription_new (NULL);

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (line), GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  return line;
}

static void
set_state (MillMessageRow *self,
           MillLook        look)
{
  gtk_image_set_from_icon_name (GTK_IMAGE (self->state), look.icon);
  gtk_widget_set_css_classes (self->state, (const char *[]) { look.style, NULL });
}

static void
mill_message_row_dispose (GObject *object)
{
  g_clear_pointer (&MILL_MESSAGE_ROW (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_message_row_parent_class)->dispose (object);
}

static void
mill_message_row_class_init (MillMessageRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_message_row_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
mill_message_row_init (MillMessageRow *self)
{
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);

  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->icon = gtk_image_new ();
  self->title = new_line ();
  self->subtitle = new_line ();
  gtk_widget_add_css_class (self->subtitle, "caption");
  gtk_widget_add_css_class (self->subtitle, "dim-label");
  self->time = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->time, "caption");
  gtk_widget_add_css_class (self->time, "numeric");
  gtk_widget_add_css_class (self->time, "dim-label");
  self->state = gtk_image_new ();
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), self->title);
  gtk_box_append (GTK_BOX (texts), self->subtitle);
  gtk_box_append (GTK_BOX (self->box), self->icon);
  gtk_box_append (GTK_BOX (self->box), texts);
  gtk_box_append (GTK_BOX (self->box), self->time);
  gtk_box_append (GTK_BOX (self->box), self->state);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
mill_message_row_new (void)
{
  return g_object_new (MILL_TYPE_MESSAGE_ROW, NULL);
}

void
mill_message_row_show_trace (MillMessageRow *self,
                             MillTrace      *trace,
                             double          moment)
{
  MillTraceState state = mill_timeline_look_at_trace (trace, moment, NULL);
  MillLook look = mill_look_of_trace (state);
  g_autofree char *when = mill_format_clock (mill_trace_get_started (trace));
  g_autofree char *span = NULL;
  g_autofree char *name = NULL;
  g_autoptr(GString) subtitle = g_string_new (look.label);
  g_autofree char *summary = mill_format_line (mill_trace_get_summary (trace));

  if (mill_trace_get_ended (trace) > 0 && state != MILL_TRACE_UNDER_WAY && state != MILL_TRACE_STUCK)
    {
      span = mill_format_duration (mill_trace_get_ended (trace) - mill_trace_get_started (trace));
      g_string_append_printf (subtitle, " · %s", span);
    }
  if (*summary == '\0')
    {
      g_free (summary);
      summary = g_strdup (mill_trace_get_id (trace));
    }
  gtk_widget_set_visible (self->icon, FALSE);
  gtk_widget_add_css_class (self->title, "heading");
  gtk_inscription_set_text (GTK_INSCRIPTION (self->title), summary);
  gtk_inscription_set_text (GTK_INSCRIPTION (self->subtitle), subtitle->str);
  when[MIN (strlen (when), 8)] = '\0';
  gtk_label_set_label (GTK_LABEL (self->time), when);
  set_state (self, look);
  name = g_strdup_printf ("%s, %s, %s", summary, subtitle->str, when);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
mill_message_row_show_hop (MillMessageRow *self,
                           MillHop        *hop,
                           const char     *title,
                           double          started,
                           double          moment)
{
  MillHopThen then;
  MillLook look;
  g_autofree char *after = mill_format_duration (mill_hop_get_arrived (hop) - started);
  g_autofree char *stay = NULL;
  g_autofree char *name = NULL;
  g_autoptr(GString) subtitle = NULL;

  mill_timeline_look_at_hop (hop, moment, &then);
  look = moment > 0 ? mill_look_of_hop_status (then.status) : mill_look_of_hop (hop);
  subtitle = g_string_new (look.label);
  if (then.left > 0)
    {
      stay = mill_format_duration (then.left - mill_hop_get_arrived (hop));
      g_string_append_printf (subtitle, " · %s %s", _("stayed"), stay);
    }
  if (then.attempts > 1)
    {
      g_string_append (subtitle, " · ");
      g_string_append_printf (subtitle, ngettext ("%u attempt", "%u attempts", then.attempts), then.attempts);
    }
  if (*mill_hop_get_error (hop) != '\0' && then.status == mill_hop_get_status (hop))
    g_string_append_printf (subtitle, " · %s", mill_hop_get_error (hop));
  gtk_widget_set_visible (self->icon, TRUE);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), mill_kind_get_icon (mill_hop_get_kind (hop)));
  gtk_widget_remove_css_class (self->title, "heading");
  gtk_inscription_set_text (GTK_INSCRIPTION (self->title), title);
  gtk_inscription_set_text (GTK_INSCRIPTION (self->subtitle), subtitle->str);
  {
    g_autofree char *plus = g_strdup_printf ("+%s", after);
    gtk_label_set_label (GTK_LABEL (self->time), plus);
  }
  set_state (self, look);
  name = g_strdup_printf ("%s, %s, %s", title, subtitle->str, after);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
