/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Shard iterators say where to read on, and when they were made; after 15 minutes they are of no use (API reference, GetShardIterator). */

/* Returns: (transfer full) */
char     *practice_streams_iterator_format (const char  *stream_arn,
                                            const char  *shard_id,
                                            gint64       position);
/* @position: the number of the first record to read. FALSE with ValidationException or ExpiredIteratorException. */
gboolean  practice_streams_iterator_parse  (const char  *text,
                                            char       **stream_arn,
                                            char       **shard_id,
                                            gint64      *position,
                                            GError     **error);

G_END_DECLS
