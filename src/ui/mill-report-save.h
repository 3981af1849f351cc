/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "mill-bar.h"

G_BEGIN_DECLS

/*
 * Asks for a file and writes a clean-up's report into it; the name that is chosen says whether as a page or as JSON.
 * @bar: in the window that asks; it says what went wrong. @extension: of the name that is proposed, "html" or "json".
 */
void mill_report_save (MillBar    *bar,
                       JsonObject *report,
                       const char *extension);

G_END_DECLS
