/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * GtkSourceView, made only when a page first needs it: its types, languages and style schemes are loaded then.
 * Follows the light and the dark style.
 */

/* @language: "json", "python" or NULL. @label: what assistive technologies call it. */
GtkWidget *mill_source_new      (const char *language,
                                 const char *label,
                                 gboolean    editable);
void       mill_source_set_text (GtkWidget  *source,
                                 const char *text);
/* @language: as for mill_source_new(). */
void       mill_source_set_language (GtkWidget *source,
                                 const char *language);
/* (transfer full) */
char      *mill_source_dup_text (GtkWidget  *source);
/* A frame that scrolls; as high as the text, between @lowest and @highest pixels. */
GtkWidget *mill_source_frame    (GtkWidget  *source,
                                 int         lowest,
                                 int         highest);

G_END_DECLS
