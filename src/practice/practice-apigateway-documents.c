/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

void
apigw_init_documents (PracticeApiGateway *self)
{
  practice_store_exec (self->store,
                       "CREATE TABLE IF NOT EXISTS apigateway_document (seq INTEGER PRIMARY KEY, region TEXT NOT NULL, kind TEXT NOT NULL,"
                       " parent TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL, UNIQUE (region, kind, parent, id));"
                       "CREATE TABLE IF NOT EXISTS apigateway_usage (plan TEXT NOT NULL, key TEXT NOT NULL, since INTEGER NOT NULL,"
                       " used INTEGER NOT NULL, PRIMARY KEY (plan, key));");
}

/* What we wrote ourselves, and unlike practice_json_parse()'s answer it can be changed. */
static JsonObject *
parse_own (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_dup_object (node) : NULL;
}

JsonObject *
apigw_load (PracticeApiGateway *self,
            const char         *region,
            const char         *kind,
            const char         *parent,
            const char         *id)
{
  sqlite3_stmt *statement;
  JsonObject *document = NULL;

  statement = practice_store_prepare (self->store,
                                      "SELECT document FROM apigateway_document WHERE region = ? AND kind = ? AND parent = ? AND id = ?",
                                      "ssss", region, kind, parent, id);
  if (sqlite3_step (statement) == SQLITE_ROW)
    document = parse_own ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_reset (statement);
  return document;
}

void
apigw_save (PracticeApiGateway *self,
            const char         *region,
            const char         *kind,
            const char         *parent,
            const char         *id,
            JsonObject         *document)
{
  g_autofree char *text = practice_json_object_to_text (document);

  practice_store_run (self->store,
                      "INSERT INTO apigateway_document (region, kind, parent, id, document) VALUES (?, ?, ?, ?, ?)"
                      " ON CONFLICT (region, kind, parent, id) DO UPDATE SET document = excluded.document",
                      "sssss", region, kind, parent, id, text);
}

gboolean
apigw_remove (PracticeApiGateway *self,
              const char         *region,
              const char         *kind,
              const char         *parent,
              const char         *id)
{
  if (id == NULL)
    return practice_store_run (self->store, "DELETE FROM apigateway_document WHERE region = ? AND kind = ? AND parent = ?",
                               "sss", region, kind, parent) > 0;
  return practice_store_run (self->store, "DELETE FROM apigateway_document WHERE region = ? AND kind = ? AND parent = ? AND id = ?",
                             "ssss", region, kind, parent, id) > 0;
}

JsonArray *
apigw_list (PracticeApiGateway *self,
            const char         *region,
            const char         *kind,
            const char         *parent)
{
  JsonArray *items = json_array_new ();
  sqlite3_stmt *statement;

  statement = practice_store_prepare (self->store,
                                      "SELECT document FROM apigateway_document WHERE region = ? AND kind = ? AND parent = ? ORDER BY seq",
                                      "sss", region, kind, parent);
  while (sqlite3_step (statement) == SQLITE_ROW) {
    JsonObject *document = parse_own ((const char *) sqlite3_column_text (statement, 0));

    if (document != NULL)
      json_array_add_object_element (items, document);
  }
  return items;
}

char *
apigw_new_id (guint length)
{
  static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  char *id = g_malloc0 (length + 1);

  /* Invoke URLs hold the id as a host name, so it begins with a letter. */
  for (guint i = 0; i < length; i++)
    id[i] = alphabet[g_random_int_range (0, i == 0 ? 26 : 36)];
  return id;
}

void
apigw_forget (PracticeApiGateway *self,
              const char         *api_id)
{
  g_autofree char *middle = g_strdup_printf ("/%s/", api_id);
  GHashTableIter iter;
  gpointer key = NULL;

  g_hash_table_iter_init (&iter, self->programs);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    if (strstr (key, middle) != NULL)
      g_hash_table_iter_remove (&iter);
  }
}

const char *
apigw_label (PracticeCall *call,
             const char   *name)
{
  const char *value = practice_json_get_string (practice_call_get_params (call), name);

  return value != NULL ? value : "";
}

JsonObject *
apigw_load_api (PracticeApiGateway *self,
                PracticeCall       *call)
{
  const char *id = apigw_label (call, "restapi_id");
  JsonObject *document = apigw_load (self, practice_call_get_region (call), "api", "", id);

  if (document == NULL)
    practice_call_fail (call, 404, "NotFoundException", "Invalid API identifier specified %s:%s", practice_call_get_account (call), id);
  return document;
}

void
apigw_save_api (PracticeApiGateway *self,
                PracticeCall       *call,
                JsonObject         *document)
{
  const char *id = practice_json_get_string (practice_json_get_object (document, "api"), "id");

  apigw_save (self, practice_call_get_region (call), "api", "", id, document);
}

JsonObject *
apigw_load_resource (PracticeApiGateway  *self,
                     PracticeCall        *call,
                     JsonObject         **document)
{
  JsonObject *resource = NULL;

  *document = apigw_load (self, practice_call_get_region (call), "api", "", apigw_label (call, "restapi_id"));
  if (*document != NULL)
    resource = practice_json_get_object (practice_json_get_object (*document, "resources"), apigw_label (call, "resource_id"));
  if (resource == NULL) {
    g_clear_pointer (document, json_object_unref);
    apigw_not_found (call, "Invalid Resource identifier specified");
  }
  return resource;
}

void
apigw_return (PracticeCall *call,
              guint         status,
              JsonObject   *result)
{
  practice_call_return_full (call, status, result != NULL ? json_object_ref (result) : NULL, NULL, NULL, NULL);
}

void
apigw_return_items (PracticeCall *call,
                    const char   *member,
                    JsonArray    *items)
{
  g_autoptr (JsonArray) all = items;
  g_autoptr (JsonObject) result = json_object_new ();
  const char *position = practice_json_get_string (practice_call_get_params (call), "position");
  const char *limit_text = practice_json_get_string (practice_call_get_params (call), "limit");
  guint64 first = position != NULL ? g_ascii_strtoull (position, NULL, 10) : 0;
  guint64 limit = limit_text != NULL ? g_ascii_strtoull (limit_text, NULL, 10) : 500;
  JsonArray *page = json_array_new ();
  guint length = json_array_get_length (all);

  for (guint64 i = first; i < length && i < first + limit; i++)
    json_array_add_element (page, json_node_copy (json_array_get_element (all, (guint) i)));
  json_object_set_array_member (result, member, page);
  if (first + limit < length) {
    g_autofree char *next = g_strdup_printf ("%" G_GUINT64_FORMAT, first + limit);

    json_object_set_string_member (result, "position", next);
  }
  apigw_return (call, 200, result);
}

void
apigw_bad_request (PracticeCall *call,
                   const char   *format,
                   ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  practice_call_fail (call, 400, "BadRequestException", "%s", message);
}

void
apigw_not_found (PracticeCall *call,
                 const char   *message)
{
  practice_call_fail (call, 404, "NotFoundException", "%s", message);
}

void
apigw_emit (PracticeApiGateway *self,
            PracticeCall       *call,
            const char         *kind,
            const char         *type,
            const char         *path,
            const char         *name)
{
  g_autofree char *arn = g_strdup_printf ("arn:aws:apigateway:%s::%s", practice_call_get_region (call), path);

  practice_events_emit_strings (practice_server_get_events (self->server), kind, "region", practice_call_get_region (call),
                                "arn", arn, "type", type, "name", name, NULL);
}

void
apigw_copy (PracticeCall *call,
            JsonObject   *target,
            ...)
{
  JsonObject *params = practice_call_get_params (call);
  va_list names;
  const char *name = NULL;

  va_start (names, target);
  while ((name = va_arg (names, const char *)) != NULL) {
    JsonNode *node = json_object_get_member (params, name);

    /* An empty map is as good as none. */
    if (node == NULL || JSON_NODE_HOLDS_NULL (node) || (JSON_NODE_HOLDS_OBJECT (node) && json_object_get_size (json_node_get_object (node)) == 0))
      continue;
    json_object_set_member (target, name, json_node_copy (node));
  }
  va_end (names);
}

gint64
apigw_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

gboolean
apigw_next (JsonObjectIter  *iter,
            const char     **name,
            JsonNode       **node)
{
  const char *next_name = NULL;
  JsonNode *next_node = NULL;

  if (!json_object_iter_next_ordered (iter, &next_name, &next_node))
    return FALSE;
  if (name != NULL)
    *name = next_name;
  if (node != NULL)
    *node = next_node;
  return TRUE;
}

JsonObject *
apigw_ensure (JsonObject *object,
              const char *name)
{
  JsonObject *member = practice_json_get_object (object, name);

  if (member == NULL) {
    member = json_object_new ();
    json_object_set_object_member (object, name, member);
  }
  return member;
}

gboolean
apigw_get_boolean (JsonObject *object,
                   const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return practice_json_is_boolean (node) && json_node_get_boolean (node);
}

double
apigw_get_number (JsonObject *object,
                  const char *name,
                  double      otherwise)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return otherwise;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return (double) json_node_get_int (node);
  return json_node_get_value_type (node) == G_TYPE_DOUBLE ? json_node_get_double (node) : otherwise;
}
