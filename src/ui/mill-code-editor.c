/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-code-editor.h"

#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-source.h"
#include "mill-wrap.h"

struct _MillCodeEditor
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *title;
  GtkWidget *files;         /* GtkDropDown where there are several files */
  GtkWidget *source;
  GtkWidget *deploy;
  GtkWidget *revert;
  GtkWidget *bar;

  MillSession *session;
  GCancellable *cancellable;
  GHashTable *code;         /* file name → GBytes, as deployed; what is typed lies over it */
  char *function;
  char *file;
  gboolean loading;
};

G_DEFINE_FINAL_TYPE (MillCodeEditor, mill_code_editor, GTK_TYPE_WIDGET)

static void
set_dirty (MillCodeEditor *self,
           gboolean        dirty)
{
  MillResource *resource = mill_deployment_find_resource (mill_session_get_deployment (self->session), self->function);
  MillResourceState state = resource != NULL ? mill_resource_get_state (resource) : MILL_RESOURCE_PLANNED;
  gboolean made = state == MILL_RESOURCE_MADE || state == MILL_RESOURCE_VERIFIED || state == MILL_RESOURCE_WAITING || state == MILL_RESOURCE_CHANGED;

  gtk_widget_set_sensitive (self->deploy, made && !self->loading);
  gtk_widget_set_sensitive (self->revert, dirty && !self->loading);
  gtk_widget_set_tooltip_text (self->deploy, made ? NULL : _("The function is not made yet: its step comes first."));
}

static void
on_changed (MillCodeEditor *self)
{
  if (!self->loading)
    set_dirty (self, TRUE);
}

static void
on_state_changed (MillCodeEditor *self)
{
  set_dirty (self, gtk_widget_get_sensitive (self->revert));
}

/* Puts what is typed into the table of files. */
static void
keep (MillCodeEditor *self)
{
  char *text;

  if (self->file == NULL)
    return;
  text = mill_source_dup_text (self->source);
  g_hash_table_insert (self->code, g_strdup (self->file), g_bytes_new_take (text, strlen (text)));
}

static void
show_file (MillCodeEditor *self,
           const char     *name)
{
  GBytes *bytes = g_hash_table_lookup (self->code, name);
  g_autofree char *text = NULL;
  gsize length;
  const char *data;

  if (bytes == NULL)
    return;
  data = g_bytes_get_data (bytes, &length);
  text = g_utf8_make_valid (data != NULL ? data : "", length);
  self->loading = TRUE;
  mill_source_set_text (self->source, text);
  self->loading = FALSE;
  g_free (self->file);
  self->file = g_strdup (name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->source), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
on_file (MillCodeEditor *self)
{
  GtkStringObject *chosen = gtk_drop_down_get_selected_item (GTK_DROP_DOWN (self->files));

  if (chosen == NULL || g_strcmp0 (gtk_string_object_get_string (chosen), self->file) == 0)
    return;
  keep (self);
  show_file (self, gtk_string_object_get_string (chosen));
}

static void
load (MillCodeEditor *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) code = mill_engine_dup_code (mill_session_get_engine (self->session), mill_session_get_deployment (self->session),
                                                     self->function, &error);
  g_autoptr(GList) names = NULL;
  g_autoptr(GtkStringList) list = gtk_string_list_new (NULL);

  mill_bar_fail (MILL_BAR (self->bar), error, NULL);
  if (code == NULL)
    return;
  g_clear_pointer (&self->file, g_free);
  g_hash_table_remove_all (self->code);
  names = g_list_sort (g_hash_table_get_keys (code), (GCompareFunc) g_strcmp0);
  for (GList *at = names; at != NULL; at = at->next)
    {
      g_hash_table_insert (self->code, g_strdup (at->data), g_bytes_ref (g_hash_table_lookup (code, at->data)));
      gtk_string_list_append (list, at->data);
    }
  gtk_widget_set_visible (self->files, g_list_length (names) > 1);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->files), G_LIST_MODEL (list));
  if (names != NULL)
    show_file (self, names->data);
  if (self->file != NULL)
    {
      g_autofree char *title = g_strdup_printf ("%s · %s", self->function, self->file);
      gtk_label_set_label (GTK_LABEL (self->title), g_list_length (names) > 1 ? self->function : title);
    }
  set_dirty (self, FALSE);
}

static void
on_deployed (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(MillCodeEditor) self = data;
  g_autoptr(GError) error = NULL;
  gboolean ok = mill_engine_set_code_finish (MILL_ENGINE (source), result, &error);

  if (self->session == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->loading = FALSE;
  set_dirty (self, !ok);
  mill_bar_fail (MILL_BAR (self->bar), error, NULL);
  if (ok)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", _("The code is deployed"));
}

/* A step may deploy other code than is shown; what was typed stays. */
static void
on_step_changed (MillCodeEditor *self)
{
  if (!gtk_widget_get_sensitive (self->revert) && !self->loading)
    load (self);
}

static void
mill_code_editor_dispose (GObject *object)
{
  MillCodeEditor *self = MILL_CODE_EDITOR (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (mill_code_editor_parent_class)->dispose (object);
}

static void
mill_code_editor_finalize (GObject *object)
{
  MillCodeEditor *self = MILL_CODE_EDITOR (object);

  g_object_unref (self->cancellable);
  g_hash_table_unref (self->code);
  g_free (self->function);
  g_free (self->file);
  G_OBJECT_CLASS (mill_code_editor_parent_class)->finalize (object);
}

static void
mill_code_editor_class_init (MillCodeEditorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_code_editor_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_code_editor_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
mill_code_editor_init (MillCodeEditor *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *leave = gtk_label_new (_("Escape leaves the code"));
  GtkWidget *scroller;

  self->cancellable = g_cancellable_new ();
  self->code = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  self->title = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (self->title, TRUE);
  gtk_widget_add_css_class (self->title, "heading");
  self->files = gtk_drop_down_new (NULL, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->files), GTK_ACCESSIBLE_PROPERTY_LABEL, _("File"), -1);
  self->revert = gtk_button_new_with_mnemonic (_("_Put Back"));
  gtk_widget_set_tooltip_text (self->revert, _("Put back the code as it is deployed"));
  self->deploy = gtk_button_new_with_mnemonic (_("_Deploy Code"));
  self->source = mill_source_new ("python", _("Code"), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->source), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, gtk_label_get_label (GTK_LABEL (leave)), -1);
  mill_wrap (leave);
  gtk_widget_set_css_classes (leave, (const char *[]) { "caption", "dim-label", NULL });
  gtk_widget_set_hexpand (leave, TRUE);
  gtk_label_set_xalign (GTK_LABEL (leave), 1);
  scroller = mill_source_frame (self->source, 200, 420);
  self->bar = mill_bar_new ();
  gtk_box_append (GTK_BOX (head), self->title);
  gtk_box_append (GTK_BOX (head), self->files);
  gtk_box_append (GTK_BOX (foot), self->deploy);
  gtk_box_append (GTK_BOX (foot), self->revert);
  gtk_box_append (GTK_BOX (foot), leave);
  gtk_box_append (GTK_BOX (self->box), head);
  gtk_box_append (GTK_BOX (self->box), scroller);
  gtk_box_append (GTK_BOX (self->box), foot);
  gtk_box_append (GTK_BOX (self->box), self->bar);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_object (self->files, "notify::selected", G_CALLBACK (on_file), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->revert, "clicked", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->deploy, "clicked", G_CALLBACK (mill_code_editor_deploy), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->source)), "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
}

GtkWidget *
mill_code_editor_new (MillSession *session,
                      const char  *function)
{
  MillCodeEditor *self = g_object_new (MILL_TYPE_CODE_EDITOR, NULL);
  MillResource *resource = mill_deployment_find_resource (mill_session_get_deployment (session), function);

  self->session = g_object_ref (session);
  self->function = g_strdup (function);
  if (resource != NULL)
    g_signal_connect_object (resource, "notify::state", G_CALLBACK (on_state_changed), self, G_CONNECT_SWAPPED);
  load (self);
  g_signal_connect_object (mill_session_get_deployment (session), "step-changed", G_CALLBACK (on_step_changed), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
mill_code_editor_deploy (MillCodeEditor *self)
{
  keep (self);
  self->loading = TRUE;
  set_dirty (self, FALSE);
  mill_bar_say (MILL_BAR (self->bar), NULL, NULL, NULL);
  mill_engine_set_code_async (mill_session_get_engine (self->session), mill_session_get_deployment (self->session), self->function, self->code,
                              self->cancellable, on_deployed, g_object_ref (self));
}
