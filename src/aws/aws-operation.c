/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-operation.h"

#include <string.h>

#include "aws-json.h"
#include "aws-resources.h"

typedef struct {
  GHashTable *services;
  GHashTable *operations;
} Table;

static char *
dup_member (JsonObject *object,
            const char *name)
{
  return g_strdup (aws_json_get_string (object, name));
}

static char **
dup_strings (JsonArray *array)
{
  GStrvBuilder *builder;
  char **strings;

  if (array == NULL)
    return NULL;
  builder = g_strv_builder_new ();
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_strv_builder_add (builder, json_array_get_string_element (array, i));
  strings = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return strings;
}

/* @reversed: value → name instead of name → value. */
static GHashTable *
dup_names (JsonObject *object,
           gboolean    reversed)
{
  GHashTable *names;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (object == NULL)
    return NULL;
  names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node)) {
    const char *value = json_node_get_string (node);

    g_hash_table_insert (names, g_strdup (reversed ? value : name), g_strdup (reversed ? name : value));
  }
  return names;
}

static GHashTable *
load_kinds (JsonObject *answer)
{
  static const struct {
    const char    *name;
    AwsMemberKind  kind;
  } lists[] = {
    { "lists", AWS_MEMBER_LIST },
    { "text-lists", AWS_MEMBER_TEXT_LIST },
    { "maps", AWS_MEMBER_MAP },
    { "integer-maps", AWS_MEMBER_INTEGER_MAP },
    { "structures", AWS_MEMBER_STRUCTURE },
    { "integers", AWS_MEMBER_INTEGER },
    { "booleans", AWS_MEMBER_BOOLEAN },
    { "timestamps", AWS_MEMBER_TIMESTAMP },
    { "documents", AWS_MEMBER_DOCUMENT },
  };
  GHashTable *kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    JsonArray *names = aws_json_get_array (answer, lists[i].name);

    for (guint j = 0; names != NULL && j < json_array_get_length (names); j++)
      g_hash_table_insert (kinds, g_strdup (json_array_get_string_element (names, j)),
                           GUINT_TO_POINTER (lists[i].kind));
  }
  return kinds;
}

static GHashTable *
load_maps (JsonObject *object)
{
  GHashTable *maps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (object == NULL)
    return maps;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    g_hash_table_insert (maps, g_strdup (name), dup_strings (json_node_get_array (node)));
  return maps;
}

static AwsService *
load_service (const char *name,
              JsonObject *object)
{
  AwsService *service = g_new0 (AwsService, 1);
  const char *protocol = aws_json_get_string (object, "protocol");

  service->name = g_strdup (name);
  service->protocol = g_str_equal (protocol, "json") ? AWS_PROTOCOL_JSON
                      : g_str_equal (protocol, "query") ? AWS_PROTOCOL_QUERY : AWS_PROTOCOL_REST_JSON;
  service->version = dup_member (object, "version");
  service->target = dup_member (object, "target");
  service->accept = dup_member (object, "accept");
  service->host = dup_member (object, "host");
  if (service->host == NULL)
    service->host = g_strdup (name);
  service->signed_as = dup_member (object, "signed-as");
  if (service->signed_as == NULL)
    service->signed_as = g_strdup (name);
  service->query_mode = aws_json_get_boolean (object, "query-mode", FALSE);
  service->maps = load_maps (aws_json_get_object (object, "maps"));
  service->kinds = load_kinds (aws_json_get_object (object, "answer"));
  return service;
}

/* @http: "POST /path/{Member}?Query&Query" */
static void
load_http (AwsOperation *operation,
           const char   *http)
{
  g_auto (GStrv) words = g_strsplit (http, " ", 2);
  char *question = strchr (words[1], '?');

  if (question != NULL) {
    *question = '\0';
    operation->query_names = g_strsplit (question + 1, "&", -1);
  }
  operation->method = g_strdup (words[0]);
  operation->path = g_strdup (words[1]);
}

static AwsOperation *
load_operation (const AwsService *service,
                const char       *name,
                JsonObject       *object)
{
  AwsOperation *operation = g_new0 (AwsOperation, 1);
  const char *http = aws_json_get_string (object, "http");

  operation->service = service;
  operation->name = g_strdup (name);
  operation->full_name = g_strconcat (service->name, ":", name, NULL);
  load_http (operation, http != NULL ? http : "POST /");
  operation->header_names = dup_names (aws_json_get_object (object, "headers"), FALSE);
  operation->body_names = dup_names (aws_json_get_object (object, "names"), FALSE);
  operation->payload = dup_member (object, "payload");
  operation->answer_headers = dup_names (aws_json_get_object (object, "answer-headers"), TRUE);
  operation->answer_names = dup_names (aws_json_get_object (object, "answer-names"), FALSE);
  operation->answer_payload = dup_member (object, "answer-payload");
  operation->answer_status = dup_member (object, "answer-status");
  operation->pages = dup_strings (aws_json_get_array (object, "pages"));
  operation->cli_names = dup_names (aws_json_get_object (object, "cli"), FALSE);
  operation->pace_ms = (guint) aws_json_get_int (object, "pace", 0);
  operation->once = json_object_has_member (object, "once");
  operation->seconds = (guint) aws_json_get_int (object, "seconds", 0);
  return operation;
}

static void
load_operations (Table            *table,
                 const AwsService *service,
                 JsonObject       *operations)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, operations);
  while (json_object_iter_next (&iter, &name, &node)) {
    AwsOperation *operation = load_operation (service, name, json_node_get_object (node));

    g_hash_table_insert (table->operations, operation->full_name, operation);
  }
}

static gpointer
load_table (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_resource_lookup_data (aws_get_resource (), "/io/github/millrace/aws/operations.json",
                                                     G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  g_autoptr (JsonObject) services = NULL;
  Table *table = g_new0 (Table, 1);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  /* Both are part of the program itself: it was built wrongly where they are not there. */
  if (bytes == NULL)
    g_error ("the operations are missing: %s", error->message);
  services = aws_json_parse_object (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), &error);
  if (services == NULL)
    g_error ("the operations cannot be read: %s", error->message);

  table->services = g_hash_table_new (g_str_hash, g_str_equal);
  table->operations = g_hash_table_new (g_str_hash, g_str_equal);
  json_object_iter_init (&iter, services);
  while (json_object_iter_next (&iter, &name, &node)) {
    JsonObject *object = json_node_get_object (node);
    AwsService *service = load_service (name, object);

    g_hash_table_insert (table->services, service->name, service);
    load_operations (table, service, aws_json_get_object (object, "operations"));
  }
  return table;
}

static Table *
get_table (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load_table, NULL);
}

const AwsOperation *
aws_operation_find (const char *name)
{
  return g_hash_table_lookup (get_table ()->operations, name);
}

const AwsService *
aws_service_find (const char *name)
{
  return g_hash_table_lookup (get_table ()->services, name);
}

gboolean
aws_operation_only_looks (const char *name)
{
  static const char *const verbs[] = { "Get", "List", "Describe", "Simulate", "Filter", "Query", "Scan" };
  const char *colon = strchr (name, ':');
  const char *operation = colon != NULL ? colon + 1 : name;

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_has_prefix (operation, verbs[i]))
      return TRUE;
  return FALSE;
}

char *
aws_service_endpoint (const AwsService *service,
                      const char       *region)
{
  gboolean china = g_str_has_prefix (region, "cn-");

  if (g_str_equal (service->name, "iam")) {
    if (china)
      return g_strdup ("https://iam.cn-north-1.amazonaws.com.cn");
    if (g_str_has_prefix (region, "us-gov-"))
      return g_strdup ("https://iam.us-gov.amazonaws.com");
    return g_strdup ("https://iam.amazonaws.com");
  }
  return g_strdup_printf ("https://%s.%s.amazonaws.com%s", service->host, region, china ? ".cn" : "");
}

const char *
aws_service_signing_region (const AwsService *service,
                            const char       *region)
{
  if (!g_str_equal (service->name, "iam"))
    return region;
  if (g_str_has_prefix (region, "cn-"))
    return "cn-north-1";
  if (g_str_has_prefix (region, "us-gov-"))
    return "us-gov-west-1";
  return "us-east-1";
}
