/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-clean-up-dialog.h"

#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-report-save.h"
#include "mill-resource-row.h"

struct _MillCleanUpDialog
{
  AdwWindow parent_instance;

  GtkWidget *window_title;
  GtkWidget *icon;
  GtkWidget *heading;
  GtkWidget *text;
  GtkWidget *progress;
  GtkWidget *bar;
  GtkWidget *group;
  GtkWidget *save;
  GtkWidget *show_report;
  GtkWidget *cancel;
  GtkWidget *clean_up;

  MillEngine *engine;
  MillDeployment *deployment;
  GCancellable *cancellable;
  JsonObject *report;
  GPtrArray *rows;
};

G_DEFINE_FINAL_TYPE (MillCleanUpDialog, mill_clean_up_dialog, ADW_TYPE_WINDOW)

static gboolean
may_be_there (MillResourceState state)
{
  return state != MILL_RESOURCE_PLANNED && state != MILL_RESOURCE_DELETED;
}

static void
update_progress (MillCleanUpDialog *self)
{
  guint gone = 0;

  for (guint i = 0; i < self->rows->len; i++)
    if (!may_be_there (mill_resource_get_state (mill_resource_row_get_resource (self->rows->pdata[i]))))
      gone++;
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), self->rows->len > 0 ? (double) gone / self->rows->len : 1);
}

/* To what it has come to. */
static void
scroll_up (MillCleanUpDialog *self)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (self->heading, GTK_TYPE_SCROLLED_WINDOW);

  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)), 0);
}

static void
show_result (MillCleanUpDialog *self,
             MillCleanup       *cleanup,
             const GError      *error)
{
  g_autofree char *text = NULL;
  guint n;

  gtk_widget_set_visible (self->progress, FALSE);
  gtk_button_set_label (GTK_BUTTON (self->cancel), _("_Close"));
  gtk_widget_set_sensitive (self->cancel, TRUE);
  mill_bar_fail (MILL_BAR (self->bar), error, NULL);
  scroll_up (self);
  if (cleanup != NULL && cleanup->report != NULL)
    {
      g_clear_pointer (&self->report, json_object_unref);
      self->report = json_object_ref (cleanup->report);
      gtk_widget_set_visible (self->save, TRUE);
      gtk_widget_set_visible (self->show_report, TRUE);
    }
  if (cleanup == NULL || cleanup->left > 0 || error != NULL)
    {
      n = cleanup != NULL ? cleanup->left : 0;
      gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), "mill-warning-symbolic");
      gtk_widget_set_css_classes (self->icon, (const char *[]) { "warning", NULL });
      gtk_label_set_label (GTK_LABEL (self->heading), _("Something Is Left"));
      text = n > 0 ? g_strdup_printf (ngettext ("%u resource could not be proved gone. It is in the list with the reason.",
                                                "%u resources could not be proved gone. They are in the list with the reason.", n), n)
                   : g_strdup (_("The clean-up did not come to its end. What is left is in the list."));
      gtk_label_set_label (GTK_LABEL (self->text), text);
      gtk_button_set_label (GTK_BUTTON (self->clean_up), _("Try _Again"));
      gtk_widget_set_visible (self->clean_up, TRUE);
      gtk_widget_set_sensitive (self->clean_up, TRUE);
      gtk_widget_grab_focus (self->clean_up);
      return;
    }
  n = cleanup->deleted;
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), "mill-done-symbolic");
  gtk_widget_set_css_classes (self->icon, (const char *[]) { "success", NULL });
  gtk_label_set_label (GTK_LABEL (self->heading), _("Nothing Is Left"));
  text = g_strdup_printf (ngettext ("%u resource was deleted. The cloud was asked again for it, and for anything that bears this deployment’s tags: there is nothing.",
                                    "%u resources were deleted. The cloud was asked again for each of them, and for anything that bears this deployment’s tags: there is nothing.", n), n);
  gtk_label_set_label (GTK_LABEL (self->text), n > 0 ? text : _("There was nothing to delete. The cloud was asked for anything that bears this deployment’s tags: there is nothing."));
  gtk_widget_set_visible (self->clean_up, FALSE);
  gtk_widget_grab_focus (self->cancel);
}

static void
on_cleaned (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(MillCleanUpDialog) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(MillCleanup) cleanup = mill_engine_clean_up_finish (MILL_ENGINE (source), result, &error);

  if (self->engine == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  show_result (self, cleanup, error);
}

static void
on_clean_up (MillCleanUpDialog *self)
{
  gtk_widget_set_sensitive (self->clean_up, FALSE);
  gtk_label_set_label (GTK_LABEL (self->heading), _("Cleaning Up…"));
  gtk_label_set_label (GTK_LABEL (self->text), _("Each resource is deleted, then asked for again. Closing this does not stop it."));
  gtk_button_set_label (GTK_BUTTON (self->cancel), _("_Close"));
  scroll_up (self);
  gtk_widget_set_visible (self->progress, TRUE);
  mill_bar_say (MILL_BAR (self->bar), NULL, NULL, NULL);
  mill_engine_clean_up_async (self->engine, self->deployment, self->cancellable, on_cleaned, g_object_ref (self));
}

static void
on_save (MillCleanUpDialog *self)
{
  mill_report_save (MILL_BAR (self->bar), self->report, "html");
}

static void
on_show_report (MillCleanUpDialog *self)
{
  g_autoptr(GtkWindow) parent = g_object_ref (gtk_window_get_transient_for (GTK_WINDOW (self)));
  g_autofree char *id = g_strdup (mill_deployment_get_id (self->deployment));

  gtk_window_close (GTK_WINDOW (self));
  gtk_widget_activate_action (GTK_WIDGET (parent), "win.report", "s", id);
}

static void
mill_clean_up_dialog_dispose (GObject *object)
{
  MillCleanUpDialog *self = MILL_CLEAN_UP_DIALOG (object);

  /* What is being deleted goes on being deleted: half a clean-up helps nobody. */
  g_clear_object (&self->engine);
  g_clear_object (&self->deployment);
  g_clear_pointer (&self->report, json_object_unref);
  G_OBJECT_CLASS (mill_clean_up_dialog_parent_class)->dispose (object);
}

static void
mill_clean_up_dialog_finalize (GObject *object)
{
  MillCleanUpDialog *self = MILL_CLEAN_UP_DIALOG (object);

  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->rows);
  G_OBJECT_CLASS (mill_clean_up_dialog_parent_class)->finalize (object);
}

static void
mill_clean_up_dialog_class_init (MillCleanUpDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_clean_up_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_clean_up_dialog_finalize;
  g_type_ensure (MILL_TYPE_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-clean-up-dialog.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillCleanUpDialog, name)
  BIND (window_title);
  BIND (icon);
  BIND (heading);
  BIND (text);
  BIND (progress);
  BIND (bar);
  BIND (group);
  BIND (save);
  BIND (show_report);
  BIND (cancel);
  BIND (clean_up);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_clean_up);
  gtk_widget_class_bind_template_callback (widget_class, on_save);
  gtk_widget_class_bind_template_callback (widget_class, on_show_report);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
mill_clean_up_dialog_init (MillCleanUpDialog *self)
{
  self->cancellable = g_cancellable_new ();
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mill_clean_up_dialog_new (GtkWindow      *parent,
                          MillEngine     *engine,
                          MillDeployment *deployment)
{
  MillCleanUpDialog *self = g_object_new (MILL_TYPE_CLEAN_UP_DIALOG, "transient-for", parent, NULL);
  MillTarget *target = mill_deployment_get_target (deployment);
  GListModel *resources = G_LIST_MODEL (deployment);
  g_autofree char *subtitle = g_strdup_printf ("%s · %s", mill_target_get_title (target), mill_target_get_region (target));
  g_autofree char *heading = NULL;

  self->engine = g_object_ref (engine);
  self->deployment = g_object_ref (deployment);
  adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->window_title), subtitle);
  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr(MillResource) resource = g_list_model_get_item (resources, i);
      GtkWidget *row;

      if (!may_be_there (mill_resource_get_state (resource)))
        continue;
      row = mill_resource_row_new (resource);
      g_signal_connect_object (resource, "notify::state", G_CALLBACK (update_progress), self, G_CONNECT_SWAPPED);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->group), row);
      g_ptr_array_add (self->rows, row);
    }
  heading = g_strdup_printf (ngettext ("Delete %u resource?", "Delete %u resources?", self->rows->len), self->rows->len);
  gtk_label_set_label (GTK_LABEL (self->heading), self->rows->len > 0 ? heading : _("Nothing Was Made"));
  gtk_label_set_label (GTK_LABEL (self->text), self->rows->len > 0
                       ? _("Everything below was made by this tutorial. Nothing else is touched. What is stored in it goes too.")
                       : _("The clean-up still looks for anything that bears this deployment’s tags."));
  gtk_widget_grab_focus (self->cancel);
  return GTK_WIDGET (self);
}
