/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-report-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-page-title.h"
#include "mill-report-save.h"
#include "mill-report-text.h"
#include "mill-wrap.h"

struct _MillReportPage
{
  GtkWidget parent_instance;

  GtkWidget *root;
  GtkWidget *box;
  GtkWidget *title;
  GtkWidget *bar;

  JsonObject *report;
};

G_DEFINE_FINAL_TYPE (MillReportPage, mill_report_page, GTK_TYPE_WIDGET)

static void
on_save (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  MillReportPage *self = MILL_REPORT_PAGE (widget);

  mill_bar_say (MILL_BAR (self->bar), NULL, NULL, NULL);
  mill_report_save (MILL_BAR (self->bar), self->report, g_str_has_suffix (action, "json") ? "json" : "html");
}

static void
on_copy (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  g_autofree char *text = mill_report_text_plain (MILL_REPORT_PAGE (widget)->report);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  gtk_widget_activate_action (widget, "win.say", "s", _("The report is copied"));
}

static void
on_print (GtkWidget  *widget,
          const char *action,
          GVariant   *parameter)
{
  MillReportPage *self = MILL_REPORT_PAGE (widget);
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonObject) report = json_object_ref (self->report);
  g_autoptr(GtkWidget) alive = g_object_ref (widget);

  /* Its dialog runs a loop of its own. */
  if (!mill_report_text_print (report, GTK_WINDOW (gtk_widget_get_root (widget)), NULL, &error) && self->bar != NULL)
    mill_bar_say (MILL_BAR (self->bar), error->message, NULL, NULL);
}

static void
mill_report_page_dispose (GObject *object)
{
  MillReportPage *self = MILL_REPORT_PAGE (object);

  g_clear_pointer (&self->root, gtk_widget_unparent);
  self->bar = NULL;
  g_clear_pointer (&self->report, json_object_unref);
  G_OBJECT_CLASS (mill_report_page_parent_class)->dispose (object);
}

static void
mill_report_page_class_init (MillReportPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_report_page_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "report.save-html", NULL, on_save);
  gtk_widget_class_install_action (widget_class, "report.save-json", NULL, on_save);
  gtk_widget_class_install_action (widget_class, "report.copy", NULL, on_copy);
  gtk_widget_class_install_action (widget_class, "report.print", NULL, on_print);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_p, GDK_CONTROL_MASK, "report.print", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "report.save-html", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "win.home", NULL);
}

static GtkWidget *
new_header (void)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *back = gtk_button_new_from_icon_name ("go-previous-symbolic");
  GtkWidget *more = gtk_menu_button_new ();
  g_autoptr(GMenu) menu = g_menu_new ();

  gtk_actionable_set_action_name (GTK_ACTIONABLE (back), "win.home");
  gtk_widget_set_tooltip_text (back, _("Back to All Tutorials"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (back), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Back to All Tutorials"), -1);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), back);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), adw_window_title_new (_("Clean-Up Report"), NULL));
  g_menu_append (menu, _("_Save as a Page…"), "report.save-html");
  g_menu_append (menu, _("Save as _JSON…"), "report.save-json");
  g_menu_append (menu, _("_Copy"), "report.copy");
  g_menu_append (menu, _("_Print…"), "report.print");
  gtk_menu_button_set_label (GTK_MENU_BUTTON (more), _("_Keep"));
  gtk_menu_button_set_use_underline (GTK_MENU_BUTTON (more), TRUE);
  gtk_menu_button_set_primary (GTK_MENU_BUTTON (more), TRUE);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (more), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (more, _("Save, copy or print the report"));
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), more);
  return header;
}

static void
mill_report_page_init (MillReportPage *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();

  self->root = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_add_css_class (self->box, "mill-page");
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 820);
  adw_clamp_set_child (ADW_CLAMP (clamp), self->box);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (self->root), new_header ());
  gtk_box_append (GTK_BOX (self->root), scroller);
  gtk_widget_set_parent (self->root, GTK_WIDGET (self));
}

/* Takes @paragraphs. */
static void
add_list (MillReportPage *self,
          const char     *title,
          GPtrArray      *paragraphs)
{
  GtkWidget *group, *list;

  if (paragraphs->len > 0)
    {
      group = adw_preferences_group_new ();
      list = gtk_list_box_new ();
      gtk_widget_add_css_class (list, "boxed-list");
      gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
      adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
      for (guint i = 0; i < paragraphs->len; i++)
        {
          GtkWidget *row = gtk_list_box_row_new ();
          GtkWidget *label = gtk_label_new (NULL);
          g_autofree char *plain = NULL;

          gtk_label_set_markup (GTK_LABEL (label), paragraphs->pdata[i]);
          mill_wrap (label);
          gtk_label_set_xalign (GTK_LABEL (label), 0);
          gtk_label_set_selectable (GTK_LABEL (label), TRUE);
          gtk_widget_set_can_focus (label, FALSE);
          gtk_widget_add_css_class (label, "mill-nothing");
          gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
          gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
          if (pango_parse_markup (paragraphs->pdata[i], -1, 0, NULL, &plain, NULL, NULL))
            gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, plain, -1);
          gtk_list_box_append (GTK_LIST_BOX (list), row);
        }
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), list);
      gtk_box_append (GTK_BOX (self->box), group);
    }
  g_ptr_array_unref (paragraphs);
}

GtkWidget *
mill_report_page_new (JsonObject *report)
{
  MillReportPage *self = g_object_new (MILL_TYPE_REPORT_PAGE, NULL);
  gboolean clean = mill_report_text_left (report) == 0;
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name (clean ? "mill-done-symbolic" : "mill-warning-symbolic");

  self->report = json_object_ref (report);
  self->title = mill_page_title_new (clean ? _("Nothing Is Left") : _("Something Is Left"));
  self->bar = mill_bar_new ();
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 32);
  gtk_widget_add_css_class (icon, clean ? "success" : "warning");
  gtk_box_append (GTK_BOX (head), icon);
  gtk_widget_set_hexpand (self->title, TRUE);
  gtk_box_append (GTK_BOX (head), self->title);
  gtk_box_append (GTK_BOX (self->box), head);
  gtk_box_append (GTK_BOX (self->box), self->bar);
  add_list (self, _("The Clean-Up"), mill_report_text_facts (report));
  add_list (self, _("What There Was"), mill_report_text_resources (report));
  add_list (self, _("What Else Was Looked For"), mill_report_text_proofs (report));
  return GTK_WIDGET (self);
}

void
mill_report_page_focus (MillReportPage *self)
{
  gtk_widget_grab_focus (self->title);
}
