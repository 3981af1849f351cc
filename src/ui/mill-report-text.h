/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A clean-up's report (mill_engine_dup_report()) as paragraphs of Pango markup, for the screen, the clipboard and the printer. */

/* (transfer full) (element-type utf8): which deployment, where, when, how many. */
GPtrArray *mill_report_text_facts     (JsonObject    *report);
/* (transfer full) (element-type utf8): one a resource, with its ids, its times, its requests and what it answered when it was asked for again. */
GPtrArray *mill_report_text_resources (JsonObject    *report);
/* (transfer full) (element-type utf8): the log groups that came along and the search by tags. */
GPtrArray *mill_report_text_proofs    (JsonObject    *report);
/* How much could not be proved gone. */
guint      mill_report_text_left      (JsonObject    *report);
/* (transfer full): all of it without markup. */
char      *mill_report_text_plain     (JsonObject    *report);

/**
 * mill_report_text_print:
 * @file: (nullable): a PDF file to write instead of asking for a printer
 *
 * Shows the printer dialog and prints. Returns: FALSE with an error where it could not be printed; TRUE also where the user changed their mind
 */
gboolean   mill_report_text_print     (JsonObject    *report,
                                       GtkWindow     *parent,
                                       const char    *file,
                                       GError       **error);

G_END_DECLS
