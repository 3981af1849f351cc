/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-endpoint.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-client.h"
#include "aws-json.h"
#include "mill-data.h"
#include "mill-properties.h"
#include "mill-region.h"

#define DATA "endpoints.json"
#define OTHER "other"
/* What is not there on this computer or in this room is not worth a longer wait. */
#define SECONDS 10

/* What the file has of a kind besides what the others see of it. */
typedef struct {
  MillEndpointKind  kind;
  const char       *page;      /* a page that only this kind has, with an object in JSON; or NULL */
  const char       *folder;    /* under the user's home, with {port}: it is there while the endpoint runs; or NULL */
  JsonArray        *limits;
  JsonArray        *checks;
} Entry;

static gpointer
load (gpointer data)
{
  JsonArray *array = aws_json_get_array (mill_data_get (DATA), "kinds");
  GPtrArray *entries = g_ptr_array_new ();

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *object = mill_array_get_object (array, i);
      Entry *entry = g_new0 (Entry, 1);

      entry->kind.id = aws_json_get_string (object, "id");
      entry->kind.title = aws_json_get_string (object, "title");
      entry->kind.invoke_url = aws_json_get_string (object, "invoke");
      entry->page = aws_json_get_string (object, "page");
      entry->folder = aws_json_get_string (object, "folder");
      entry->limits = aws_json_get_array (object, "limits");
      entry->checks = aws_json_get_array (object, "checks");
      g_ptr_array_add (entries, entry);
    }
  return entries;
}

static GPtrArray *
get_entries (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load, NULL);
}

static Entry *
find_entry (const char *id)
{
  GPtrArray *entries = get_entries ();

  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = entries->pdata[i];

      if (g_strcmp0 (entry->kind.id, id) == 0)
        return entry;
    }
  return find_entry (OTHER);
}

const MillEndpointKind *
mill_endpoint_find_kind (const char *id)
{
  return &find_entry (id)->kind;
}

/* AWS Emulator keeps its keys and its certificate in a folder that is named for its port, as long as it runs. */
static gboolean
has_folder (Entry      *entry,
            const char *url)
{
  g_autofree char *host = NULL;
  g_autofree char *port_text = NULL;
  g_auto(GStrv) parts = NULL;
  g_autofree char *relative = NULL;
  g_autofree char *path = NULL;
  int port = -1;

  if (entry->folder == NULL || !g_uri_split_network (url, G_URI_FLAGS_NONE, NULL, &host, &port, NULL) || port <= 0 ||
      (strcmp (host, "127.0.0.1") != 0 && strcmp (host, "localhost") != 0))
    return FALSE;
  port_text = g_strdup_printf ("%d", port);
  parts = g_strsplit (entry->folder, "{port}", -1);
  relative = g_strjoinv (port_text, parts);
  path = g_build_filename (g_get_home_dir (), relative, NULL);
  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

/* The object that @url has at @path; NULL with no error where it answers something else. */
static JsonObject *
ask_page (AwsClient     *client,
          const char    *url,
          const char    *path,
          GCancellable  *cancellable,
          GError       **error)
{
  g_autofree char *address = g_strconcat (url, path, NULL);
  g_autoptr(GError) trouble = NULL;
  g_autoptr(JsonObject) answer = aws_client_http (client, NULL, "GET", address, NULL, NULL, cancellable, &trouble);
  const char *body;

  /* A connection that breaks says nothing about who is there. */
  if (aws_error_has_code (trouble, "NetworkError"))
    answer = aws_client_http (client, NULL, "GET", address, NULL, NULL, cancellable, error);
  else if (trouble != NULL)
    g_propagate_error (error, g_steal_pointer (&trouble));
  body = answer != NULL ? aws_json_get_string (answer, "body") : NULL;
  /* Some answer 201 to a question. */
  if (body == NULL || aws_json_get_int (answer, "status", 0) / 100 != 2)
    return NULL;
  return aws_json_parse_object (body, -1, NULL);
}

const MillEndpointKind *
mill_endpoint_recognise (const char    *url,
                         char         **version,
                         GCancellable  *cancellable,
                         GError       **error)
{
  GPtrArray *entries = get_entries ();
  g_autoptr(AwsClient) client = aws_client_new (MILL_REGION_DEFAULT, url, NULL);

  if (version != NULL)
    *version = NULL;
  aws_client_set_timeout (client, SECONDS);
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = entries->pdata[i];
      g_autoptr(JsonObject) page = NULL;
      g_autoptr(GError) trouble = NULL;

      if (has_folder (entry, url))
        return &entry->kind;
      if (entry->page == NULL)
        continue;
      page = ask_page (client, url, entry->page, cancellable, &trouble);
      if (page != NULL)
        {
          if (version != NULL)
            *version = g_strdup (aws_json_get_string (page, "version"));
          return &entry->kind;
        }
      if (trouble != NULL && aws_error_has_code (trouble, "AnswerTooLarge"))
        continue;
      if (trouble != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&trouble));
          return NULL;
        }
    }
  return mill_endpoint_find_kind (OTHER);
}

JsonArray *
mill_endpoint_kind_get_checks (const MillEndpointKind *kind)
{
  return find_entry (kind->id)->checks;
}

static gboolean
concerns (JsonObject *limit,
          GHashTable *types)
{
  JsonArray *array = aws_json_get_array (limit, "types");

  if (types == NULL || array == NULL)
    return TRUE;
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (mill_array_get (array, i) != NULL && g_hash_table_contains (types, mill_array_get (array, i)))
      return TRUE;
  return FALSE;
}

GPtrArray *
mill_endpoint_kind_dup_limits (const MillEndpointKind *kind,
                               GHashTable             *types)
{
  JsonArray *limits = find_entry (kind->id)->limits;
  GPtrArray *sentences = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; limits != NULL && i < json_array_get_length (limits); i++)
    {
      JsonObject *limit = mill_array_get_object (limits, i);
      const char *text = limit != NULL ? aws_json_get_string (limit, "text") : NULL;

      if (text != NULL && concerns (limit, types))
        g_ptr_array_add (sentences, g_strdup (g_dgettext (GETTEXT_PACKAGE, text)));
    }
  return sentences;
}
