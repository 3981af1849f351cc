/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-preflight-page.h"

#include <glib/gi18n.h>

#include "mill-fit.h"
#include "mill-look.h"

struct _MillPreflightPage
{
  AdwBin parent_instance;

  GtkWidget *icon;
  GtkWidget *verdict;
  GtkWidget *place;
  GtkWidget *sections;
  GtkWidget *use_role;
  GtkWidget *role;

  GPtrArray *rows;              /* of sections */
};

enum {
  SUFFIX,
  ROLE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillPreflightPage, mill_preflight_page, ADW_TYPE_BIN)

static GtkWidget *
new_icon (MillVerdict verdict)
{
  MillLook look = mill_look_of_verdict (verdict);
  GtkWidget *icon = gtk_image_new_from_icon_name (look.icon);

  gtk_widget_add_css_class (icon, look.style);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, look.label, -1);
  return icon;
}

static GtkWidget *
new_finding (const MillFinding *finding)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), finding->title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), finding->text);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  if (finding->verdict != MILL_VERDICT_GOOD)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), new_icon (finding->verdict));
  return row;
}

static void
on_suffix (MillPreflightPage *self)
{
  g_signal_emit (self, signals[SUFFIX], 0);
}

/* Nothing gets another name by itself. */
static GtkWidget *
new_suffix (MillPreflightPage *self,
            const char        *suffix)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_mnemonic (_("_Use It"));
  g_autofree char *title = g_strdup_printf (_("End all names in “%s”"), suffix);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _("With this they are all free."));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_suffix), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  return row;
}

static void
on_expanded (MillPreflightPage *self)
{
  mill_fit (GTK_WIDGET (self));
}

static void
add_row (MillPreflightPage *self,
         GtkWidget         *row)
{
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->sections), row);
  g_ptr_array_add (self->rows, row);
}

static GtkWidget *
new_section (MillPreflight        *preflight,
             MillPreflightSection  section)
{
  const char *summary = mill_preflight_get_summary (preflight, section);
  GtkWidget *row = adw_expander_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), mill_preflight_section_get_title (section));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), summary != NULL ? summary : "");
  adw_expander_row_add_prefix (ADW_EXPANDER_ROW (row), new_icon (mill_preflight_get_verdict (preflight, section)));
  return row;
}

static void
add_section (MillPreflightPage    *self,
             MillPreflight        *preflight,
             MillPreflightSection  section)
{
  GPtrArray *findings = mill_preflight_get_findings (preflight);
  MillVerdict verdict = mill_preflight_get_verdict (preflight, section);
  const char *suffix = section == MILL_PREFLIGHT_NAMES ? mill_preflight_get_suffix (preflight) : NULL;
  const char *summary = mill_preflight_get_summary (preflight, section);
  GtkWidget *row = NULL;

  for (guint i = 0; i < findings->len; i++)
    {
      if (((const MillFinding *) findings->pdata[i])->section != section)
        continue;
      if (row == NULL)
        row = new_section (preflight, section);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (row), new_finding (findings->pdata[i]));
    }
  if (row == NULL)
    {
      row = adw_action_row_new ();
      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), mill_preflight_section_get_title (section));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), summary != NULL ? summary : "");
      adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), new_icon (verdict));
      add_row (self, row);
      return;
    }
  if (suffix != NULL)
    adw_expander_row_add_row (ADW_EXPANDER_ROW (row), new_suffix (self, suffix));
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), verdict >= MILL_VERDICT_CARE ||
                                 (section == MILL_PREFLIGHT_PLACE && mill_preflight_page_get_role (self) != NULL));
  g_signal_connect_object (row, "notify::expanded", G_CALLBACK (on_expanded), self, G_CONNECT_SWAPPED);
  add_row (self, row);
}

static void
on_role (MillPreflightPage *self)
{
  g_signal_emit (self, signals[ROLE], 0);
}

static void
mill_preflight_page_finalize (GObject *object)
{
  g_ptr_array_unref (MILL_PREFLIGHT_PAGE (object)->rows);
  G_OBJECT_CLASS (mill_preflight_page_parent_class)->finalize (object);
}

static void
mill_preflight_page_class_init (MillPreflightPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = mill_preflight_page_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-preflight-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillPreflightPage, name)
  BIND (icon);
  BIND (verdict);
  BIND (place);
  BIND (sections);
  BIND (use_role);
  BIND (role);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_role);
  signals[SUFFIX] = g_signal_new ("suffix", MILL_TYPE_PREFLIGHT_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ROLE] = g_signal_new ("role", MILL_TYPE_PREFLIGHT_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mill_preflight_page_init (MillPreflightPage *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mill_preflight_page_new (void)
{
  return g_object_new (MILL_TYPE_PREFLIGHT_PAGE, NULL);
}

void
mill_preflight_page_show (MillPreflightPage *self,
                          MillPreflight     *preflight)
{
  static const char *const verdicts[] = {
    [MILL_VERDICT_GOOD] = N_("Nothing Stands Against It"),
    [MILL_VERDICT_UNKNOWN] = N_("As Far as Is Known, It Works"),
    [MILL_VERDICT_CARE] = N_("It Works, but Read This"),
    [MILL_VERDICT_STOP] = N_("It Will Fail Like This"),
  };
  MillVerdict worst = mill_preflight_get_worst (preflight);
  MillTarget *target = mill_preflight_get_target (preflight);
  const char *const *roles = mill_preflight_get_roles (preflight);
  MillLook look = mill_look_of_verdict (worst);
  GtkWidget *scroller = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_SCROLLED_WINDOW);
  g_autofree char *place = g_strdup_printf (_("Nothing is made yet. It would be made at %s, account %s, in %s."), mill_target_get_title (target),
                                            mill_target_get_account (target), mill_target_get_region (target));

  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), look.icon);
  gtk_widget_set_css_classes (self->icon, (const char *[]) { look.style, NULL });
  gtk_label_set_label (GTK_LABEL (self->verdict), _(verdicts[worst]));
  gtk_label_set_label (GTK_LABEL (self->place), place);
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self->sections), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  for (MillPreflightSection i = 0; i < MILL_PREFLIGHT_N_SECTIONS; i++)
    add_section (self, preflight, i);
  /* What it comes to is at the top, also when it was looked at once more. */
  if (scroller != NULL)
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)), 0);
  /* Where the tutorial's own roles cannot be made, the best that is there is at hand; whether it is used is for the user to say. */
  if (roles != NULL && roles[0] != NULL && mill_preflight_page_get_role (self) == NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->role), roles[0]);
}

const char *
mill_preflight_page_get_role (MillPreflightPage *self)
{
  const char *role = gtk_editable_get_text (GTK_EDITABLE (self->role));

  return gtk_switch_get_active (GTK_SWITCH (self->use_role)) && *role != '\0' ? role : NULL;
}
