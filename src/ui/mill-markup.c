/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-markup.h"

#include <string.h>

#include "mill-wrap.h"

static GtkWidget *
new_paragraph (const char *text)
{
  g_autofree char *markup = mill_markup_to_pango (text);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_markup (GTK_LABEL (label), markup);
  mill_wrap (label);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  /* The pointer can select, but Tab does not stop at every paragraph. */
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  gtk_widget_set_hexpand (label, TRUE);
  return label;
}

static GtkWidget *
new_item (const char *text)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *bullet = gtk_label_new ("•");

  gtk_widget_set_valign (bullet, GTK_ALIGN_START);
  gtk_widget_add_css_class (bullet, "dim-label");
  gtk_box_append (GTK_BOX (row), bullet);
  gtk_box_append (GTK_BOX (row), new_paragraph (text));
  return row;
}

static void
flush (GtkBox   *box,
       GString  *text,
       gboolean  item)
{
  if (text->len > 0)
    gtk_box_append (box, item ? new_item (text->str) : new_paragraph (text->str));
  g_string_truncate (text, 0);
}

char *
mill_markup_to_pango (const char *text)
{
  GString *markup = g_string_new (NULL);
  const char *at = text;

  while (*at != '\0')
    {
      const char *open = strchr (at, '`');
      const char *close = open != NULL ? strchr (open + 1, '`') : NULL;
      g_autofree char *plain = NULL;
      g_autofree char *code = NULL;

      if (close == NULL)
        {
          plain = g_markup_escape_text (at, -1);
          g_string_append (markup, plain);
          break;
        }
      plain = g_markup_escape_text (at, open - at);
      code = g_markup_escape_text (open + 1, close - open - 1);
      g_string_append_printf (markup, "%s<tt>%s</tt>", plain, code);
      at = close + 1;
    }
  return g_string_free (markup, FALSE);
}

void
mill_markup_fill (GtkBox     *box,
                  const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr(GString) paragraph = g_string_new (NULL);
  gboolean item = FALSE;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);

      if (*line == '\0')
        {
          flush (box, paragraph, item);
          item = FALSE;
          continue;
        }
      if (g_str_has_prefix (line, "- "))
        {
          flush (box, paragraph, item);
          item = TRUE;
          line += 2;
        }
      if (paragraph->len > 0)
        g_string_append_c (paragraph, ' ');
      g_string_append (paragraph, line);
    }
  flush (box, paragraph, item);
}
