/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PracticeLogsFilter:
 *
 * A compiled filter pattern of CloudWatch Logs (CloudWatch Logs User Guide, "Filter pattern syntax"): terms (`ERROR`, `"two words"`, `-without`, `?either`,
 * `%regular expression%`) and JSON selectors (`{ $.level = "ERROR" && ($.ms > 100 || $.retry IS TRUE) }`). Space-delimited patterns (`[a, b]`) are refused.
 */
typedef struct _PracticeLogsFilter PracticeLogsFilter;

/**
 * practice_logs_filter_new:
 * @pattern: the empty pattern matches everything
 *
 * Returns: (transfer full): the filter, or NULL with @error set to a sentence for the caller
 */
PracticeLogsFilter *practice_logs_filter_new     (const char          *pattern,
                                                  GError             **error);
gboolean            practice_logs_filter_matches (PracticeLogsFilter  *self,
                                                  const char          *message);
void                practice_logs_filter_free    (PracticeLogsFilter  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeLogsFilter, practice_logs_filter_free)

G_END_DECLS
