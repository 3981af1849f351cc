/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers and times as people read them, translated. All return (transfer full) strings. */

/* How long ago @when (seconds since 1970) was: "just now", "5 minutes ago", then a date. */
char *mill_format_age      (gint64      when,
                            gint64      now);
/* How much time is left until something ends: "expired", "less than a minute left", "43 minutes left", "5 hours left", "more than a year left". */
char *mill_format_left     (gint64      seconds);
/* A span of time: "0.8 ms", "12 ms", "1.4 s", "2 min 5 s". */
char *mill_format_duration (double      seconds);
/* The local time of day with milliseconds; @when is in seconds since 1970. */
char *mill_format_clock    (double      when);
/* @text as indented JSON where it is JSON, else a copy of it. Bytes that are no UTF-8 are replaced. */
char *mill_format_json     (const char *text);
/* (transfer full): on one line: line breaks and the blanks of indented JSON become one blank. */
char *mill_format_line     (const char *text);

G_END_DECLS
