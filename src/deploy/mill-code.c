/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-code.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "mill-engine.h"

static la_ssize_t
on_write (struct archive *archive,
          void           *data,
          const void     *buffer,
          size_t          length)
{
  g_byte_array_append (data, buffer, length);
  return length;
}

static gboolean
add_file (struct archive *archive,
          const char     *name,
          GBytes         *content)
{
  struct archive_entry *entry = archive_entry_new ();
  gsize size;
  gconstpointer data = g_bytes_get_data (content, &size);
  gboolean ok;

  /* No times: with them, the bytes would differ from one time zone to the next. */
  archive_entry_set_pathname_utf8 (entry, name);
  archive_entry_set_size (entry, size);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_perm (entry, 0644);
  ok = archive_write_header (archive, entry) == ARCHIVE_OK &&
       (size == 0 || archive_write_data (archive, data, size) == (la_ssize_t) size);
  archive_entry_free (entry);
  return ok;
}

GBytes *
mill_code_zip (GHashTable  *files,
               GError     **error)
{
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  g_autoptr(GList) names = g_list_sort (g_hash_table_get_keys (files), (GCompareFunc) strcmp);
  struct archive *archive = archive_write_new ();
  gboolean ok;

  /* Stored, not deflated: code is small, and the bytes do not hang on a version of zlib. */
  ok = archive_write_set_format_zip (archive) == ARCHIVE_OK &&
       archive_write_zip_set_compression_store (archive) == ARCHIVE_OK &&
       archive_write_set_bytes_per_block (archive, 0) == ARCHIVE_OK &&
       archive_write_open2 (archive, bytes, NULL, on_write, NULL, NULL) == ARCHIVE_OK;
  for (GList *l = names; ok && l != NULL; l = l->next)
    ok = add_file (archive, l->data, g_hash_table_lookup (files, l->data));
  ok = ok && archive_write_close (archive) == ARCHIVE_OK;
  if (!ok)
    g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("The function’s code cannot be packed: %s"),
                 archive_error_string (archive) != NULL ? archive_error_string (archive) : "?");
  archive_write_free (archive);
  return ok ? g_byte_array_free_to_bytes (g_steal_pointer (&bytes)) : NULL;
}

char *
mill_code_hash (GBytes *zip)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;

  g_checksum_update (checksum, g_bytes_get_data (zip, NULL), g_bytes_get_size (zip));
  g_checksum_get_digest (checksum, digest, &length);
  return g_base64_encode (digest, length);
}

static void
on_file (sqlite3_stmt *row,
         gpointer      data)
{
  g_hash_table_insert (data, g_strdup ((const char *) sqlite3_column_text (row, 0)),
                       g_bytes_new (sqlite3_column_blob (row, 1), sqlite3_column_bytes (row, 1)));
}

GHashTable *
mill_code_load (MillDeployment  *deployment,
                const char      *function,
                const char      *folder,
                GError         **error)
{
  g_autoptr(GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);

  if (!mill_ledger_read (mill_deployment_get_ledger (deployment), on_file, files, error,
                         "SELECT file, content FROM code WHERE deployment = ? AND function = ? AND folder = ?", "sss",
                         mill_deployment_get_id (deployment), function, folder))
    return NULL;
  if (g_hash_table_size (files) > 0)
    return g_steal_pointer (&files);
  if (tutorial == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN,
                   _("The tutorial %s is not there any more, and with it the code of %s."), mill_deployment_get_tutorial_id (deployment), function);
      return NULL;
    }
  return mill_tutorial_read_code (tutorial, folder, error);
}

void
mill_code_store (MillDeployment *deployment,
                 const char     *function,
                 const char     *folder,
                 GHashTable     *files)
{
  MillLedger *ledger = mill_deployment_get_ledger (deployment);
  const char *id = mill_deployment_get_id (deployment);
  GHashTableIter iter;
  gpointer name, content;

  mill_ledger_queue (ledger, "DELETE FROM code WHERE deployment = ? AND function = ? AND folder = ?", "sss", id, function, folder);
  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, &name, &content))
    mill_ledger_queue (ledger, "INSERT INTO code (deployment, function, folder, file, content) VALUES (?, ?, ?, ?, ?)", "ssssb",
                       id, function, folder, name, content);
}
