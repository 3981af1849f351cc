/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-report-save.h"

#include <glib/gi18n.h>
#include <string.h>

#include "aws-json.h"
#include "mill-report.h"

#define CHOOSER "mill-report-chooser"
#define REPORT "mill-report"

static void
on_chosen (GtkNativeDialog *chooser,
           int              response,
           MillBar         *bar)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr(GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      g_autofree char *name = g_file_get_basename (file);
      g_autofree char *text = mill_report_to_text (g_object_get_data (G_OBJECT (chooser), REPORT), name);
      g_autoptr(GError) error = NULL;

      if (!g_file_replace_contents (file, text, strlen (text), NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, &error))
        mill_bar_fail (bar, error, NULL);
    }
  g_object_set_data (G_OBJECT (bar), CHOOSER, NULL);
}

void
mill_report_save (MillBar    *bar,
                  JsonObject *report,
                  const char *extension)
{
  const char *id = aws_json_get_string (report, "deployment");
  g_autofree char *name = g_strdup_printf ("clean-up-%s.%s", id != NULL ? id : "report", extension);
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (_("Save Report"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (bar))),
                                                               GTK_FILE_CHOOSER_ACTION_SAVE, NULL, NULL);

  /* The bar holds it: it goes with the window that asked. */
  g_object_set_data_full (G_OBJECT (bar), CHOOSER, chooser, g_object_unref);
  g_object_set_data_full (G_OBJECT (chooser), REPORT, json_object_ref (report), (GDestroyNotify) json_object_unref);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_signal_connect_object (chooser, "response", G_CALLBACK (on_chosen), bar, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}
