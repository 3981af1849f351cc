/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MILL_TYPE_PAGE_TITLE (mill_page_title_get_type ())

/**
 * MillPageTitle:
 *
 * The title of a page: a heading that can take the focus when the page opens, so that reading begins there. (A label takes it only where it
 * can be selected, and then selects itself.)
 */
G_DECLARE_FINAL_TYPE (MillPageTitle, mill_page_title, MILL, PAGE_TITLE, GtkWidget)

GtkWidget *mill_page_title_new (const char *title);

G_END_DECLS
