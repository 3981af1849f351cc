/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-server.h"
#include "practice-services.h"

G_BEGIN_DECLS

/* What practice-logs.c (groups and streams) and practice-logs-events.c (what is in them) know of each other. */

/* The id of the call's group (logGroupName or logGroupIdentifier), or 0 after failing the call. Asks IAM for @action on it, and on @stream in it where given. */
gint64 practice_logs_find_group          (PracticeCall  *call,
                                          const char    *action,
                                          const char    *stream);
/* The id of the stream, or 0 where there is none. */
gint64 practice_logs_find_stream         (PracticeStore *store,
                                          gint64         group,
                                          const char    *stream);
/* The value of a number parameter between @least and @most, @fallback where it is missing; FALSE after failing the call. */
gboolean practice_logs_get_limit         (PracticeCall  *call,
                                          const char    *name,
                                          gint64         least,
                                          gint64         most,
                                          gint64         fallback,
                                          gint64        *value);
void   practice_logs_fail                (PracticeCall  *call,
                                          const char    *code,
                                          const char    *message);

void   practice_logs_put_log_events      (PracticeCall  *call,
                                          gpointer       service);
void   practice_logs_get_log_events      (PracticeCall  *call,
                                          gpointer       service);
void   practice_logs_filter_log_events   (PracticeCall  *call,
                                          gpointer       service);

/* Writes events and keeps the group within bounds. The texts need not be UTF-8. */
void   practice_logs_insert_events       (PracticeStore         *store,
                                          gint64                 group,
                                          gint64                 stream,
                                          const PracticeLogLine *lines,
                                          guint                  n_lines);

G_END_DECLS
