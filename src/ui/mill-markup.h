/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The light markup of tutorial texts: blank lines part paragraphs, "- " begins a list item, `…` marks code. */

/* (transfer full): one paragraph as Pango markup; everything else in it is escaped. */
char *mill_markup_to_pango (const char *text);
/* Appends the labels of a whole text to @box. */
void  mill_markup_fill     (GtkBox     *box,
                            const char *text);

G_END_DECLS
