/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Lambda quotas: deployment package, unzipped. */
#define PRACTICE_ARCHIVE_MAX_BYTES 262144000

/**
 * practice_archive_extract:
 * @zip: from outside
 * @directory: (nullable): an existing folder, empty; NULL only checks
 * @size: (out) (optional): the bytes of all its files
 *
 * Reads a function's or layer's zip to its end. Names that lead out of the folder, links, special files, encryption, damage, more than
 * 20,000 entries and more than %PRACTICE_ARCHIVE_MAX_BYTES are refused with Lambda's sentence for a bad package and the reason. May run in any thread.
 *
 * Returns: whether it was taken
 */
gboolean practice_archive_extract (GBytes      *zip,
                                   const char  *directory,
                                   gsize       *size,
                                   GError     **error);
/* Removes @directory and all in it; follows no links. */
void     practice_archive_remove  (const char  *directory);

G_END_DECLS
