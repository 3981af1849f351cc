/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-hop-view.h"

#include <glib/gi18n.h>

#include "mill-failure-view.h"
#include "mill-format.h"
#include "mill-line-diff.h"
#include "mill-look.h"
#include "mill-source.h"
#include "mill-wrap.h"

struct _MillHopView
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *icon;
  GtkWidget *title;
  GtkWidget *facts;
  GtkWidget *state_icon;
  GtkWidget *failure;
  GtkWidget *payload_label;
  GtkWidget *payload_note;
  GtkWidget *payload_frame;
  GtkWidget *payload;
  GtkWidget *attempts_label;
  GtkWidget *attempts;
  GtkWidget *change_label;
  GtkWidget *change_frame;
  GtkWidget *change;
  GtkWidget *log_label;
  GtkWidget *log_frame;
  GtkWidget *log;

  MillHop *hop;
};

G_DEFINE_FINAL_TYPE (MillHopView, mill_hop_view, GTK_TYPE_WIDGET)

static GtkWidget *
new_heading (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption-heading");
  gtk_widget_add_css_class (label, "dim-label");
  return label;
}

static void
show_text (GtkWidget  **source,
           GtkWidget  **frame,
           GtkWidget   *label,
           GtkWidget   *above,
           GtkWidget   *box,
           const char  *language,
           const char  *text)
{
  gboolean there = text != NULL && *text != '\0';

  gtk_widget_set_visible (label, there);
  if (there && *source == NULL)
    {
      *source = mill_source_new (language, gtk_label_get_label (GTK_LABEL (label)), FALSE);
      *frame = mill_source_frame (*source, 40, 260);
      gtk_box_insert_child_after (GTK_BOX (box), *frame, above);
    }
  if (*frame != NULL)
    gtk_widget_set_visible (*frame, there);
  if (there)
    mill_source_set_text (*source, text);
}

static void
mill_hop_view_dispose (GObject *object)
{
  MillHopView *self = MILL_HOP_VIEW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->hop);
  G_OBJECT_CLASS (mill_hop_view_parent_class)->dispose (object);
}

static void
mill_hop_view_class_init (MillHopViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_hop_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_REGION);
}

static void
mill_hop_view_init (MillHopView *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->box, "mill-detail");
  self->icon = gtk_image_new ();
  self->state_icon = gtk_image_new ();
  self->title = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->title, "heading");
  self->facts = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->facts), 0);
  mill_wrap (self->facts);
  gtk_widget_add_css_class (self->facts, "caption");
  gtk_widget_add_css_class (self->facts, "numeric");
  gtk_box_append (GTK_BOX (texts), self->title);
  gtk_box_append (GTK_BOX (texts), self->facts);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (self->icon, GTK_ALIGN_START);
  gtk_widget_set_valign (self->state_icon, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (head), self->icon);
  gtk_box_append (GTK_BOX (head), texts);
  gtk_box_append (GTK_BOX (head), self->state_icon);
  self->failure = mill_failure_view_new ();
  self->payload_label = new_heading (_("Payload"));
  self->payload_note = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->payload_note), 0);
  mill_wrap (self->payload_note);
  gtk_widget_add_css_class (self->payload_note, "caption");
  self->attempts_label = new_heading (_("Attempts"));
  self->attempts = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->attempts), 0);
  mill_wrap (self->attempts);
  gtk_label_set_selectable (GTK_LABEL (self->attempts), TRUE);
  gtk_widget_add_css_class (self->attempts, "numeric");
  self->change_label = new_heading (_("What Changed since the Hop Before"));
  self->log_label = new_heading (_("Log"));
  gtk_box_append (GTK_BOX (self->box), head);
  gtk_box_append (GTK_BOX (self->box), self->failure);
  gtk_box_append (GTK_BOX (self->box), self->attempts_label);
  gtk_box_append (GTK_BOX (self->box), self->attempts);
  gtk_box_append (GTK_BOX (self->box), self->payload_label);
  gtk_box_append (GTK_BOX (self->box), self->payload_note);
  gtk_box_append (GTK_BOX (self->box), self->change_label);
  gtk_box_append (GTK_BOX (self->box), self->log_label);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Details of the hop"), -1);
}

GtkWidget *
mill_hop_view_new (void)
{
  return g_object_new (MILL_TYPE_HOP_VIEW, NULL);
}

/* One line for each time that the message came; nothing where it came once. */
static void
show_attempts (MillHopView *self,
               double       moment)
{
  guint n;
  const MillVisit *visits = mill_hop_get_visits (self->hop, &n);
  guint first = MAX (mill_hop_get_attempts (self->hop), n) - n;
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; n > 1 && i < n && (moment == 0 || visits[i].arrived <= moment); i++)
    {
      g_autofree char *arrived = mill_format_clock (visits[i].arrived);
      g_autofree char *stay = NULL;
      gboolean over = visits[i].left > 0 && (moment == 0 || visits[i].left <= moment);

      g_string_append_printf (text, "%s%u. %s · %s", i > 0 ? "\n" : "", first + i + 1, arrived,
                              mill_look_of_hop_status (over ? visits[i].status : MILL_HOP_UNDER_WAY).label);
      if (over)
        {
          stay = mill_format_duration (visits[i].left - visits[i].arrived);
          g_string_append_printf (text, " · %s %s", _("stayed"), stay);
        }
    }
  gtk_label_set_label (GTK_LABEL (self->attempts), text->str);
  gtk_widget_set_visible (self->attempts, text->len > 0);
  gtk_widget_set_visible (self->attempts_label, text->len > 0);
}

/* Why a payload is not there, or not all there is; NULL where nothing is to be said. */
static const char *
explain_payload (MillHop *hop)
{
  static const struct { const char *kind, *text; } unknown[] = {
    { "gateway", N_("What was sent is not known: only the access log tells of this request, and that keeps no bodies.") },
    { "queue", N_("What the message says is not known: whoever read it would take it from the function.") },
    { "function", N_("What the function was given is not known, since nobody can read what came before.") },
    { "topic", N_("What was published is not known: no API tells it. A tap on the topic would.") },
    { "mail", N_("What the mail says is not known: no API tells it. A tap on the topic would.") },
    { "sms", N_("What the text message says is not known: no API tells it. A tap on the topic would.") },
  };

  /* What was not delivered says nothing. */
  if (mill_hop_get_status (hop) == MILL_HOP_FAILED && (g_str_equal (mill_hop_get_kind (hop), "mail") || g_str_equal (mill_hop_get_kind (hop), "sms")))
    return NULL;
  if (mill_hop_get_handed (hop))
    return N_("As the hop before handed it over, as far as that is known.");
  for (guint i = 0; *mill_hop_get_payload (hop) == '\0' && i < G_N_ELEMENTS (unknown); i++)
    if (g_str_equal (unknown[i].kind, mill_hop_get_kind (hop)))
      return unknown[i].text;
  return NULL;
}

static void
show_payload (MillHopView *self,
              const char  *pretty)
{
  const char *note = explain_payload (self->hop);

  show_text (&self->payload, &self->payload_frame, self->payload_label, self->payload_note, self->box, "json", pretty);
  gtk_label_set_label (GTK_LABEL (self->payload_note), note != NULL ? _(note) : "");
  gtk_widget_set_visible (self->payload_note, note != NULL);
  if (note != NULL)
    gtk_widget_set_visible (self->payload_label, TRUE);
  /* A mail may begin like JSON and go on in prose: that is no JSON with mistakes. */
  if (self->payload != NULL)
    mill_source_set_language (self->payload, g_str_has_suffix (pretty, "}") || g_str_has_suffix (pretty, "]") ? "json" : NULL);
}

static void
show_change (MillHopView *self,
             const char  *pretty)
{
  MillHop *previous = mill_hop_get_previous (self->hop);
  g_autofree char *before = previous != NULL ? mill_format_json (mill_hop_get_payload (previous)) : NULL;
  g_autofree char *diff = before != NULL && *before != '\0' && *pretty != '\0' ? mill_line_diff (before, pretty) : NULL;

  show_text (&self->change, &self->change_frame, self->change_label, self->change_label, self->box, "diff", diff);
}

/* Where something went wrong, the log says why: it is read before the payload then. */
static void
show_log (MillHopView *self)
{
  GtkWidget *last = self->change_frame != NULL ? self->change_frame : self->change_label;

  show_text (&self->log, &self->log_frame, self->log_label, self->log_label, self->box, NULL, mill_hop_get_log (self->hop));
  gtk_box_reorder_child_after (GTK_BOX (self->box), self->log_label, gtk_widget_get_visible (self->failure) ? self->attempts : last);
  if (self->log_frame != NULL)
    gtk_box_reorder_child_after (GTK_BOX (self->box), self->log_frame, self->log_label);
}

void
mill_hop_view_set_hop (MillHopView *self,
                       MillHop     *hop,
                       const char  *title,
                       double       moment)
{
  MillHopThen then;
  g_autofree char *arrived = NULL;
  g_autofree char *stay = NULL;
  g_autofree char *pretty = NULL;
  g_autoptr(GString) facts = NULL;
  MillLook look;

  g_set_object (&self->hop, hop);
  gtk_widget_set_visible (GTK_WIDGET (self), hop != NULL);
  if (hop == NULL)
    return;
  mill_timeline_look_at_hop (hop, moment, &then);
  look = moment > 0 ? mill_look_of_hop_status (then.status) : mill_look_of_hop (hop);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), mill_kind_get_icon (mill_hop_get_kind (hop)));
  gtk_image_set_from_icon_name (GTK_IMAGE (self->state_icon), look.icon);
  gtk_widget_set_css_classes (self->state_icon, (const char *[]) { look.style, NULL });
  gtk_label_set_label (GTK_LABEL (self->title), title);

  arrived = mill_format_clock (mill_hop_get_arrived (hop));
  facts = g_string_new (look.label);
  /* Translators: when a message arrived */
  g_string_append_printf (facts, " · %s %s", _("arrived"), arrived);
  if (then.left > 0 && mill_hop_get_arrived (hop) > 0)
    {
      stay = mill_format_duration (then.left - mill_hop_get_arrived (hop));
      /* Translators: how long a message stayed */
      g_string_append_printf (facts, " · %s %s", _("stayed"), stay);
    }
  if (then.attempts > 1)
    {
      g_string_append (facts, " · ");
      g_string_append_printf (facts, ngettext ("%u attempt", "%u attempts", then.attempts), then.attempts);
    }
  if (mill_hop_get_inferred (hop))
    g_string_append_printf (facts, " · %s", _("inferred"));
  if (*mill_hop_get_message_id (hop) != '\0')
    g_string_append_printf (facts, "\n%s %s", _("ID"), mill_hop_get_message_id (hop));
  gtk_label_set_label (GTK_LABEL (self->facts), facts->str);
  mill_failure_view_set_hop (MILL_FAILURE_VIEW (self->failure), then.status == mill_hop_get_status (hop) ? hop : NULL, title);

  show_attempts (self, moment);
  pretty = mill_format_json (mill_hop_get_payload (hop));
  show_payload (self, pretty);
  show_change (self, pretty);
  show_log (self);
}
