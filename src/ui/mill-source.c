/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-source.h"

#include <adwaita.h>
#include <gtksourceview/gtksource.h>

#define LINE_HEIGHT 18
#define WHOLE       "whole"

static void
follow_style (GtkSourceBuffer *buffer,
              GParamSpec      *pspec,
              AdwStyleManager *manager)
{
  GtkSourceStyleSchemeManager *schemes = gtk_source_style_scheme_manager_get_default ();
  const char *name = adw_style_manager_get_dark (manager) ? "Adwaita-dark" : "Adwaita";

  gtk_source_buffer_set_style_scheme (buffer, gtk_source_style_scheme_manager_get_scheme (schemes, name));
}

static void
on_dark (AdwStyleManager *manager,
         GParamSpec      *pspec,
         GtkSourceBuffer *buffer)
{
  follow_style (buffer, pspec, manager);
}

/* Tab leaves a text that cannot be edited, and Escape leaves one that can. */
static gboolean
on_key (GtkWidget       *source,
        guint            key,
        guint            code,
        GdkModifierType  state)
{
  if (key != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  return gtk_widget_child_focus (GTK_WIDGET (gtk_widget_get_root (source)), GTK_DIR_TAB_FORWARD);
}

GtkWidget *
mill_source_new (const char *language,
                 const char *label,
                 gboolean    editable)
{
  GtkSourceBuffer *buffer = gtk_source_buffer_new (NULL);
  GtkWidget *source = gtk_source_view_new_with_buffer (buffer);
  AdwStyleManager *manager = adw_style_manager_get_default ();
  gboolean code = editable && g_strcmp0 (language, "python") == 0;

  /* A hyphen where a line is broken would be read as part of the text. */
  gtk_text_buffer_create_tag (GTK_TEXT_BUFFER (buffer), WHOLE, "insert-hyphens", FALSE, NULL);
  mill_source_set_language (source, language);
  gtk_source_buffer_set_highlight_matching_brackets (buffer, editable);
  follow_style (buffer, NULL, manager);
  g_signal_connect_object (manager, "notify::dark", G_CALLBACK (on_dark), buffer, 0);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (source), TRUE);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (source), editable);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (source), editable);
  /* Only in code a tab means something. */
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (source), code);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (source), 8);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (source), 8);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (source), 8);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (source), 8);
  if (editable)
    {
      GtkEventController *keys = gtk_event_controller_key_new ();

      gtk_source_view_set_auto_indent (GTK_SOURCE_VIEW (source), TRUE);
      gtk_source_view_set_insert_spaces_instead_of_tabs (GTK_SOURCE_VIEW (source), TRUE);
      gtk_source_view_set_tab_width (GTK_SOURCE_VIEW (source), code ? 4 : 2);
      g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key), source);
      gtk_widget_add_controller (source, keys);
    }
  else
    gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (source), GTK_WRAP_WORD_CHAR);
  gtk_accessible_update_property (GTK_ACCESSIBLE (source), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_unref (buffer);
  return source;
}

void
mill_source_set_text (GtkWidget  *source,
                      const char *text)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (source));
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GtkTextIter start, end;

  gtk_text_buffer_begin_irreversible_action (buffer);
  gtk_text_buffer_set_text (buffer, valid, -1);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  gtk_text_buffer_apply_tag_by_name (buffer, WHOLE, &start, &end);
  gtk_text_buffer_end_irreversible_action (buffer);
}

void
mill_source_set_language (GtkWidget  *source,
                          const char *language)
{
  GtkSourceBuffer *buffer = GTK_SOURCE_BUFFER (gtk_text_view_get_buffer (GTK_TEXT_VIEW (source)));

  gtk_source_buffer_set_language (buffer, language != NULL ? gtk_source_language_manager_get_language (gtk_source_language_manager_get_default (), language)
                                                           : NULL);
}

char *
mill_source_dup_text (GtkWidget *source)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (source));
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
set_height (GtkScrolledWindow *scroller,
            int                height)
{
  int lowest = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (scroller), "mill-lowest"));
  int highest = gtk_scrolled_window_get_max_content_height (scroller);

  height = CLAMP (height, lowest, highest);
  if (gtk_scrolled_window_get_min_content_height (scroller) != height)
    gtk_scrolled_window_set_min_content_height (scroller, height);
}

/* A text view knows its height only once it was laid out; the number of lines tells it well enough before. */
static void
fit (GtkTextBuffer     *buffer,
     GtkScrolledWindow *scroller)
{
  set_height (scroller, gtk_text_buffer_get_line_count (buffer) * LINE_HEIGHT + 20);
}

static gboolean
fit_again (gpointer data)
{
  GtkScrolledWindow *scroller = data;
  GtkTextView *view = GTK_TEXT_VIEW (gtk_scrolled_window_get_child (scroller));
  GtkTextIter end;
  int y, height;

  gtk_text_buffer_get_end_iter (gtk_text_view_get_buffer (view), &end);
  gtk_text_view_get_line_yrange (view, &end, &y, &height);
  set_height (scroller, y + height + 20);
  return G_SOURCE_REMOVE;
}

/* Long lines are wrapped, and large text has higher lines. */
static void
on_laid_out (GtkAdjustment     *adjustment,
             GParamSpec        *pspec,
             GtkScrolledWindow *scroller)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, fit_again, g_object_ref (scroller), g_object_unref);
}

GtkWidget *
mill_source_frame (GtkWidget *source,
                   int        lowest,
                   int        highest)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (source));

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), source);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), highest);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_widget_add_css_class (scroller, "mill-code");
  gtk_widget_set_overflow (scroller, GTK_OVERFLOW_HIDDEN);
  g_object_set_data (G_OBJECT (scroller), "mill-lowest", GINT_TO_POINTER (lowest));
  g_signal_connect_object (buffer, "changed", G_CALLBACK (fit), scroller, 0);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)), "notify::upper", G_CALLBACK (on_laid_out), scroller, 0);
  g_signal_connect_object (gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (scroller)), "notify::page-size", G_CALLBACK (on_laid_out), scroller, 0);
  fit (buffer, GTK_SCROLLED_WINDOW (scroller));
  return scroller;
}
