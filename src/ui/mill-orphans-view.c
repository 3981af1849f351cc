/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-orphans-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-bar.h"

struct _MillOrphansView
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *button;
  GtkWidget *spinner;
  GtkWidget *bar;            /* made when there is something to say */
  GtkWidget *list;           /* made when something was found */

  MillEngine *engine;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (MillOrphansView, mill_orphans_view, GTK_TYPE_WIDGET)

static void
say (MillOrphansView *self,
     const char      *message,
     const char      *advice)
{
  if (self->bar == NULL)
    {
      self->bar = mill_bar_new ();
      /* Above the list that it speaks of. */
      gtk_box_insert_child_after (GTK_BOX (self->box), self->bar, gtk_widget_get_first_child (self->box));
    }
  mill_bar_say (MILL_BAR (self->bar), message, advice, NULL);
}

static void
set_looking (MillOrphansView *self,
             gboolean         looking)
{
  gtk_widget_set_sensitive (self->button, !looking);
  gtk_widget_set_visible (self->spinner, looking);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), looking);
}

/* What an earlier search found. */
static void
clear (MillOrphansView *self)
{
  GtkListBoxRow *row;

  while (self->list != NULL && (row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), 0)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), GTK_WIDGET (row));
  if (self->list != NULL)
    gtk_widget_set_visible (self->list, FALSE);
  if (self->bar != NULL)
    mill_bar_say (MILL_BAR (self->bar), NULL, NULL, NULL);
}

/* From now on it is a deployment like any other. */
static void
on_take_down (MillOrphansView *self,
              GtkWidget       *button)
{
  GtkWidget *row = gtk_widget_get_ancestor (button, ADW_TYPE_ACTION_ROW);
  const MillOrphan *orphan = g_object_get_data (G_OBJECT (row), "mill-orphan");
  g_autoptr(GError) error = NULL;
  g_autoptr(MillDeployment) deployment = mill_engine_adopt (self->engine, orphan, &error);

  if (deployment == NULL)
    {
      say (self, error->message, mill_error_get_advice (error));
      return;
    }
  gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  /* The deployments' list has it now. */
  if (gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), 0) == NULL)
    clear (self);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.clean-up", "s", mill_deployment_get_id (deployment));
}

/* Takes @orphan. */
static GtkWidget *
new_row (MillOrphansView *self,
         MillOrphan      *orphan)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_mnemonic (_("_Take Down…"));
  g_autofree char *count = g_strdup_printf (ngettext ("%u resource", "%u resources", orphan->arns->len), orphan->arns->len);
  g_autofree char *subtitle = g_strdup_printf ("%s · %s · %s · %s", mill_target_get_title (orphan->target), mill_target_get_region (orphan->target),
                                               orphan->id, count);
  g_autoptr(GString) arns = g_string_new (NULL);

  for (guint i = 0; i < orphan->arns->len; i++)
    g_string_append_printf (arns, "%s%s", i > 0 ? "\n" : "", (const char *) orphan->arns->pdata[i]);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), *orphan->tutorial != '\0' ? orphan->tutorial : _("Made by Millrace"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_icon_name (ADW_ACTION_ROW (row), "mill-warning-symbolic");
  gtk_widget_set_tooltip_text (row, arns->str);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  g_object_set_data_full (G_OBJECT (row), "mill-orphan", orphan, (GDestroyNotify) mill_orphan_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_take_down), self, G_CONNECT_SWAPPED);
  return row;
}

static void
on_found (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(MillOrphansView) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) orphans = mill_engine_find_orphans_finish (MILL_ENGINE (source), result, &error);

  if (self->engine == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  set_looking (self, FALSE);
  if (orphans == NULL)
    {
      say (self, error->message, mill_error_get_advice (error));
      return;
    }
  if (orphans->len == 0)
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", _("Nothing is forgotten: all that bears Millrace’s tags is in the list"));
      return;
    }
  if (self->list == NULL)
    {
      self->list = gtk_list_box_new ();
      gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
      gtk_widget_add_css_class (self->list, "boxed-list");
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Forgotten resources"), -1);
      gtk_box_append (GTK_BOX (self->box), self->list);
    }
  gtk_widget_set_visible (self->list, TRUE);
  say (self, _("Something was forgotten."), _("It bears Millrace’s tags, but was made from another computer, or this one’s records were lost. Take down what nobody needs: it may cost money."));
  g_ptr_array_set_free_func (orphans, NULL);
  for (guint i = 0; i < orphans->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->list), new_row (self, orphans->pdata[i]));
}

static void
on_look (MillOrphansView *self)
{
  if (self->engine == NULL)
    return;
  set_looking (self, TRUE);
  clear (self);
  mill_engine_find_orphans_async (self->engine, NULL, self->cancellable, on_found, g_object_ref (self));
}

static void
mill_orphans_view_dispose (GObject *object)
{
  MillOrphansView *self = MILL_ORPHANS_VIEW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->engine);
  G_OBJECT_CLASS (mill_orphans_view_parent_class)->dispose (object);
}

static void
mill_orphans_view_finalize (GObject *object)
{
  g_object_unref (MILL_ORPHANS_VIEW (object)->cancellable);
  G_OBJECT_CLASS (mill_orphans_view_parent_class)->finalize (object);
}

static void
mill_orphans_view_class_init (MillOrphansViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_orphans_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_orphans_view_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
mill_orphans_view_init (MillOrphansView *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->cancellable = g_cancellable_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  self->button = gtk_button_new_with_mnemonic (_("_Look for Forgotten Resources"));
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_set_tooltip_text (self->button, _("Searches the clouds and regions that were used for what bears Millrace’s tags and is not in this list"));
  self->spinner = gtk_spinner_new ();
  gtk_widget_set_visible (self->spinner, FALSE);
  gtk_box_append (GTK_BOX (line), self->button);
  gtk_box_append (GTK_BOX (line), self->spinner);
  gtk_box_append (GTK_BOX (self->box), line);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_object (self->button, "clicked", G_CALLBACK (on_look), self, G_CONNECT_SWAPPED);
}

void
mill_orphans_view_set_engine (MillOrphansView *self,
                              MillEngine      *engine)
{
  g_set_object (&self->engine, engine);
  gtk_widget_set_visible (GTK_WIDGET (self), engine != NULL);
}
