/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define MILL_TYPE_REPORT_PAGE (mill_report_page_get_type ())

/* What a clean-up did and proved, to read, save, copy and print. */
G_DECLARE_FINAL_TYPE (MillReportPage, mill_report_page, MILL, REPORT_PAGE, GtkWidget)

/* @report: mill_engine_dup_report() */
GtkWidget *mill_report_page_new   (JsonObject     *report);
void       mill_report_page_focus (MillReportPage *self);

G_END_DECLS
