/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "practice-lambda-archive.h"

#define MAX_ZIP (4 * 1024 * 1024)

/* One entry of a zip that a test makes. */
typedef struct {
  const char *name;
  const char *text;     /* or where a link leads */
  guint       type;     /* AE_IFREG, AE_IFDIR, AE_IFLNK */
  guint       mode;
} Entry;

static GBytes *
make_zip (const Entry *entries,
          guint        n)
{
  struct archive *archive = archive_write_new ();
  char *buffer = g_malloc (MAX_ZIP);
  size_t used = 0;

  archive_write_set_format_zip (archive);
  archive_write_open_memory (archive, buffer, MAX_ZIP, &used);
  for (guint i = 0; i < n; i++) {
    struct archive_entry *entry = archive_entry_new ();

    archive_entry_set_pathname (entry, entries[i].name);
    archive_entry_set_filetype (entry, entries[i].type);
    archive_entry_set_perm (entry, (mode_t) entries[i].mode);
    if (entries[i].type == AE_IFLNK)
      archive_entry_set_symlink (entry, entries[i].text);
    if (entries[i].type == AE_IFREG)
      archive_entry_set_size (entry, (la_int64_t) strlen (entries[i].text));
    g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
    if (entries[i].type == AE_IFREG)
      archive_write_data (archive, entries[i].text, strlen (entries[i].text));
    archive_entry_free (entry);
  }
  archive_write_close (archive);
  archive_write_free (archive);
  return g_bytes_new_take (buffer, used);
}

static void
test_extract (void)
{
  const Entry entries[] = {
    { "lambda_function.py", "print (1)\n", AE_IFREG, 0600 },
    { "package/", NULL, AE_IFDIR, 0700 },
    { "package/deep/er/module.py", "x = 2\n", AE_IFREG, 0644 },
    { "./bin/tool", "#!/bin/sh\n", AE_IFREG, 0755 },
  };
  g_autoptr (GBytes) zip = make_zip (entries, G_N_ELEMENTS (entries));
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("millrace-archive-XXXXXX", &error);
  g_autofree char *module = g_build_filename (directory, "package", "deep", "er", "module.py", NULL);
  g_autofree char *tool = g_build_filename (directory, "bin", "tool", NULL);
  g_autofree char *text = NULL;
  GStatBuf status;
  gsize size = 0;
  mode_t mask = umask (0077);

  g_assert_true (practice_archive_extract (zip, directory, &size, &error));
  umask (mask);
  g_assert_no_error (error);
  g_assert_cmpuint (size, ==, 10 + 6 + 10);
  g_assert_true (g_file_get_contents (module, &text, NULL, &error));
  g_assert_cmpstr (text, ==, "x = 2\n");
  /* Readable for the user that functions run as, whatever the umask. */
  g_assert_cmpint (g_stat (module, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0644);
  g_assert_cmpint (g_stat (tool, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0755);
  practice_archive_remove (directory);
  g_assert_false (g_file_test (directory, G_FILE_TEST_EXISTS));
}

static void
test_refused (void)
{
  const Entry bad[] = {
    { "../out.py", "x", AE_IFREG, 0644 },
    { "a/../../out.py", "x", AE_IFREG, 0644 },
    { "/tmp/out.py", "x", AE_IFREG, 0644 },
    { "a\\..\\out.py", "x", AE_IFREG, 0644 },
    { "link", "/etc/passwd", AE_IFLNK, 0777 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    const Entry entries[] = { { "lambda_function.py", "x", AE_IFREG, 0644 }, bad[i] };
    g_autoptr (GBytes) zip = make_zip (entries, 2);
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", bad[i].name);
    g_assert_false (practice_archive_extract (zip, NULL, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    g_assert_true (g_str_has_prefix (error->message, "Could not unzip uploaded file. Please check your file, then try to upload again."));
  }
}

static void
test_damaged (void)
{
  const Entry entries[] = { { "lambda_function.py", "print (1)\n", AE_IFREG, 0644 }, { "b.py", "print (2)\n", AE_IFREG, 0644 } };
  g_autoptr (GBytes) zip = make_zip (entries, 2);
  gsize size = g_bytes_get_size (zip);

  for (gsize length = 0; length < size; length++) {
    g_autoptr (GBytes) cut = g_bytes_new_from_bytes (zip, 0, length);
    g_autoptr (GError) error = NULL;

    g_assert_false (practice_archive_extract (cut, NULL, NULL, &error));
    g_assert_nonnull (error);
  }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/practice/lambda-archive/extract", test_extract);
  g_test_add_func ("/practice/lambda-archive/refused", test_refused);
  g_test_add_func ("/practice/lambda-archive/damaged", test_damaged);
  return g_test_run ();
}
