/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <time.h>

#include "mill-code.h"

static GHashTable *
make_files (void)
{
  GHashTable *files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);

  g_hash_table_insert (files, g_strdup ("lambda_function.py"), g_bytes_new_static ("print('ä')\n", strlen ("print('ä')\n")));
  g_hash_table_insert (files, g_strdup ("lib/empty.py"), g_bytes_new_static ("", 0));
  return files;
}

static void
test_same_everywhere (void)
{
  g_autoptr(GHashTable) files = make_files ();
  g_autoptr(GBytes) here = NULL;
  g_autoptr(GBytes) there = NULL;
  g_autofree char *hash = NULL;

  g_setenv ("TZ", "Pacific/Auckland", TRUE);
  tzset ();
  here = mill_code_zip (files, NULL);
  g_setenv ("TZ", "America/Los_Angeles", TRUE);
  tzset ();
  there = mill_code_zip (files, NULL);
  g_assert_true (g_bytes_equal (here, there));
  hash = mill_code_hash (here);
  g_assert_cmpuint (strlen (hash), ==, 44);
}

static void
test_read_back (void)
{
  g_autoptr(GHashTable) files = make_files ();
  g_autoptr(GBytes) zip = mill_code_zip (files, NULL);
  struct archive *archive = archive_read_new ();
  struct archive_entry *entry;
  guint n = 0;

  archive_read_support_format_zip (archive);
  g_assert_cmpint (archive_read_open_memory (archive, g_bytes_get_data (zip, NULL), g_bytes_get_size (zip)), ==, ARCHIVE_OK);
  while (archive_read_next_header (archive, &entry) == ARCHIVE_OK)
    {
      GBytes *expected = g_hash_table_lookup (files, archive_entry_pathname (entry));
      char buffer[256];
      la_ssize_t length = archive_read_data (archive, buffer, sizeof buffer);

      g_assert_nonnull (expected);
      g_assert_cmpmem (buffer, length, g_bytes_get_data (expected, NULL), g_bytes_get_size (expected));
      g_assert_cmpint (archive_entry_perm (entry), ==, 0644);
      n++;
    }
  archive_read_free (archive);
  g_assert_cmpuint (n, ==, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/code/same-everywhere", test_same_everywhere);
  g_test_add_func ("/deploy/code/read-back", test_read_back);
  return g_test_run ();
}
