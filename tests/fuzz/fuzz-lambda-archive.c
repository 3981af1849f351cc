/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function's zip: checked, and unpacked into a folder, outside of which nothing may appear. */
#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>

#include "practice-lambda-archive.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (GBytes) zip = g_bytes_new_static (data, size);
  g_autofree char *directory = NULL;
  gboolean checked, extracted;

  checked = practice_archive_extract (zip, NULL, NULL, NULL);
  directory = g_dir_make_tmp ("millrace-fuzz-XXXXXX", NULL);
  extracted = directory != NULL && practice_archive_extract (zip, directory, NULL, NULL);
  if (directory != NULL)
    practice_archive_remove (directory);
  /* Names that are files and folders at once only show when they are made. */
  if (extracted && !checked)
    g_error ("unpacked what the check refused");
  return 0;
}
