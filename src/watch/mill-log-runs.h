/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MillLogRuns:
 *
 * Which run of a function a line of its log belongs to, where the line itself does not say: in one log stream one run comes after the other, but lines
 * are read in whatever order they are to be had. Times are milliseconds since 1970, as CloudWatch Logs has them.
 */
typedef struct _MillLogRuns MillLogRuns;

MillLogRuns *mill_log_runs_new    (void);
void         mill_log_runs_free   (MillLogRuns *self);
void         mill_log_runs_begin  (MillLogRuns *self,
                                   const char  *stream,
                                   const char  *id,
                                   gint64       time);
/* Does nothing where its begin is not known. */
void         mill_log_runs_end    (MillLogRuns *self,
                                   const char  *stream,
                                   const char  *id,
                                   gint64       time);
/* Returns: (nullable): the id of the run that was under way in @stream at @time; NULL where none is known (yet) */
const char  *mill_log_runs_find   (MillLogRuns *self,
                                   const char  *stream,
                                   gint64       time);
/* No line older than @time is read any more. */
void         mill_log_runs_forget (MillLogRuns *self,
                                   gint64       time);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillLogRuns, mill_log_runs_free)

G_END_DECLS
