/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * The report of a clean-up (MillCleanup's, mill_engine_dup_report()) for people: every resource with its ids, when and by which request it was made and
 * deleted, what it answered when it was asked for again, and what the search by tags found.
 */

/* (transfer full): a page that needs nothing else: no script, no other file. Data: data/report.html. */
char *mill_report_to_html (JsonObject *report);
/* (transfer full): as JSON, or as a page where the file @name ends in .html or .htm. */
char *mill_report_to_text (JsonObject *report,
                           const char *name);

G_END_DECLS
