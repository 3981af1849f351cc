/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How often a call is tried where AWS_MAX_ATTEMPTS does not say. */
#define AWS_RETRY_ATTEMPTS 5

/* From AWS_MAX_ATTEMPTS (1 to 20), or AWS_RETRY_ATTEMPTS. */
guint    aws_retry_max_attempts (void);

/*
 * Milliseconds to pause after @attempt (1, 2, …) failed: full jitter, anything from 0 to a bound that doubles each
 * time and ends at 20 seconds. Throttling begins with a larger bound.
 * @retry_after: (nullable): the Retry-After header, in seconds, which is kept to up to 20 seconds
 */
guint    aws_retry_pause_ms     (guint          attempt,
                                 gboolean       throttled,
                                 const char    *retry_after);

/*
 * Reserves the next turn of @key, whose turns are @interval_ms apart.
 * Returns: how long to wait for it, in milliseconds, where the time is @now_ms
 */
guint    aws_retry_pace_ms      (const char    *key,
                                 guint          interval_ms,
                                 gint64         now_ms);

/* The same without reserving it. */
guint    aws_retry_peek_ms      (const char    *key,
                                 gint64         now_ms);

/* Sleeps; FALSE with G_IO_ERROR_CANCELLED where @cancellable ended it. */
gboolean aws_retry_sleep        (guint          milliseconds,
                                 GCancellable  *cancellable,
                                 GError       **error);

G_END_DECLS
