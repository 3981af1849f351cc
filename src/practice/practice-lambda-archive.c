/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_ENTRIES 20000
#define MAX_PATH_BYTES 1024
#define BAD_ZIP "Could not unzip uploaded file. Please check your file, then try to upload again."

typedef struct archive Archive;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_read_free)

static gboolean
set_bad (GError     **error,
         const char  *reason,
         const char  *name)
{
  if (name != NULL) {
    g_autofree char *shown = g_utf8_make_valid (name, MIN (strlen (name), 200));

    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, BAD_ZIP " (%s: “%s”)", reason, shown);
  } else if (reason != NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, BAD_ZIP " (%s)", reason);
  } else {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, BAD_ZIP);
  }
  return FALSE;
}

static gboolean
set_errno (GError     **error,
           const char  *name)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "The file “%s” of the package could not be unpacked: %s", name, g_strerror (code));
  return FALSE;
}

/* A relative path without "..": it stays inside, as links are not made. */
static gboolean
is_inside (const char *name)
{
  g_auto (GStrv) parts = NULL;

  if (*name == '\0' || *name == '/' || strlen (name) > MAX_PATH_BYTES || strchr (name, '\\') != NULL)
    return FALSE;
  parts = g_strsplit (name, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++) {
    if (strcmp (parts[i], "..") == 0)
      return FALSE;
  }
  return TRUE;
}

/* Makes the folder @name below @directory, readable for the sandbox's user whatever the umask is. */
static gboolean
make_folders (const char *directory,
              const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *parent = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;
  parent = g_path_get_dirname (name);
  if (strcmp (parent, ".") != 0 && !make_folders (directory, parent))
    return FALSE;
  return g_mkdir (path, 0755) == 0 && g_chmod (path, 0755) == 0;
}

static int
create_file (const char *directory,
             const char *name,
             gboolean    executable)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *parent = g_path_get_dirname (name);
  int mode = executable ? 0755 : 0644;
  int fd;

  if (strcmp (parent, ".") != 0 && !make_folders (directory, parent))
    return -1;
  fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (fd < 0 && errno == EEXIST && g_unlink (path) == 0)
    fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (fd >= 0)
    fchmod (fd, (mode_t) mode);
  return fd;
}

static gboolean
write_all (int           fd,
           const guchar *data,
           gsize         length)
{
  while (length > 0) {
    gssize written = write (fd, data, length);

    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return FALSE;
    data += written;
    length -= (gsize) written;
  }
  return TRUE;
}

static gboolean
read_file (Archive     *archive,
           const char  *name,
           const char  *directory,
           gboolean     executable,
           gsize       *total,
           GError     **error)
{
  guchar buffer[65536];
  int fd = -1;
  gboolean done = FALSE;

  if (directory != NULL) {
    fd = create_file (directory, name, executable);
    if (fd < 0)
      return set_errno (error, name);
  }
  while (!done) {
    gssize length = archive_read_data (archive, buffer, sizeof buffer);

    if (length < 0) {
      set_bad (error, "a file in it cannot be read", name);
      break;
    }
    *total += (gsize) length;
    if (*total >= PRACTICE_ARCHIVE_MAX_BYTES) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Unzipped size must be smaller than %d bytes", PRACTICE_ARCHIVE_MAX_BYTES);
      break;
    }
    if (length > 0 && fd >= 0 && !write_all (fd, buffer, (gsize) length)) {
      set_errno (error, name);
      break;
    }
    done = length == 0;
  }
  if (fd >= 0)
    close (fd);
  return done;
}

static gboolean
read_entry (Archive               *archive,
            struct archive_entry  *entry,
            const char            *directory,
            gsize                 *total,
            GError               **error)
{
  const char *name = archive_entry_pathname_utf8 (entry);
  g_autofree char *folder = NULL;
  mode_t type = archive_entry_filetype (entry);

  if (name == NULL)
    name = archive_entry_pathname (entry);
  if (name == NULL)
    return set_bad (error, "a name in it is not readable", NULL);
  if (!is_inside (name))
    return set_bad (error, "a name in it leads out of the package", name);
  if (archive_entry_is_encrypted (entry))
    return set_bad (error, "a file in it is encrypted", name);
  if (type != AE_IFREG && type != AE_IFDIR)
    return set_bad (error, "it holds a link or special file, which the practice cloud does not take", name);

  if (type == AE_IFREG && !g_str_has_suffix (name, "/"))
    return read_file (archive, name, directory, (archive_entry_perm (entry) & 0111) != 0, total, error);
  folder = g_strdup (name);
  for (gsize length = strlen (folder); length > 0 && folder[length - 1] == '/'; length--)
    folder[length - 1] = '\0';
  if (directory != NULL && *folder != '\0' && !make_folders (directory, folder))
    return set_errno (error, folder);
  return TRUE;
}

gboolean
practice_archive_extract (GBytes      *zip,
                          const char  *directory,
                          gsize       *size,
                          GError     **error)
{
  g_autoptr (Archive) archive = archive_read_new ();
  struct archive_entry *entry = NULL;
  gsize total = 0;
  guint entries = 0;
  int code;

  /* What libarchive finds in any bytes is often an empty zip: it looks for the directory anywhere. */
  if (g_bytes_get_size (zip) < 22 || memcmp (g_bytes_get_data (zip, NULL), "PK", 2) != 0)
    return set_bad (error, NULL, NULL);
  archive_read_support_format_zip_seekable (archive);
  if (archive_read_open_memory (archive, g_bytes_get_data (zip, NULL), g_bytes_get_size (zip)) != ARCHIVE_OK)
    return set_bad (error, NULL, NULL);

  while ((code = archive_read_next_header (archive, &entry)) != ARCHIVE_EOF) {
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
      return set_bad (error, NULL, NULL);
    if (++entries > MAX_ENTRIES)
      return set_bad (error, "it holds more than 20000 files", NULL);
    if (!read_entry (archive, entry, directory, &total, error))
      return FALSE;
  }
  if (entries == 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Uploaded file must be a non-empty zip");
    return FALSE;
  }
  if (size != NULL)
    *size = total;
  return TRUE;
}

void
practice_archive_remove (const char *directory)
{
  GDir *dir = g_dir_open (directory, 0, NULL);
  const char *name = NULL;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (directory, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      practice_archive_remove (path);
    else
      g_unlink (path);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_rmdir (directory);
}
