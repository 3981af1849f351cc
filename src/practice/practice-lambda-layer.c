/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-private.h"

#include <string.h>

#include "practice-json.h"

#define MAX_LAYERS 5
#define VERSION_ARN "^arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):\\d{12}:layer:[a-zA-Z0-9-_]+:\\d+$"

#define VERSION_COLUMNS "arn, layer, version, created, description, license, runtimes, architectures, code_sha, length (zip)"

/* (transfer full) (nullable): the layer's ARN; NULL after failing the call. */
static char *
resolve_layer (PracticeCall *call)
{
  const char *name = practice_call_get_string (call, "LayerName");

  if (practice_call_is_answered (call))
    return NULL;
  if (name != NULL && g_regex_match_simple ("^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+$", name, 0, 0))
    return g_strdup (name);
  if (name == NULL || !g_regex_match_simple ("^[a-zA-Z0-9-_]{1,140}$", name, 0, 0)) {
    practice_lambda_fail_constraint (call, name, "layerName", "Member must satisfy regular expression pattern: "
                                     "(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+");
    return NULL;
  }
  return g_strdup_printf ("arn:aws:lambda:%s:%s:layer:%s", practice_call_get_region (call), practice_call_get_account (call), name);
}

static void
set_parsed (JsonObject *object,
            const char *name,
            const char *text)
{
  g_autoptr (JsonNode) node = practice_json_parse (text, -1, NULL);

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > 0)
    json_object_set_member (object, name, g_steal_pointer (&node));
}

/* @row: VERSION_COLUMNS. @full: with what GetLayerVersion says and lists do not. */
static JsonObject *
describe_version (PracticeCall *call,
                  sqlite3_stmt *row,
                  gboolean      full)
{
  JsonObject *result = json_object_new ();
  const char *description = (const char *) sqlite3_column_text (row, 4);
  const char *license = (const char *) sqlite3_column_text (row, 5);

  json_object_set_string_member (result, "LayerVersionArn", (const char *) sqlite3_column_text (row, 0));
  json_object_set_int_member (result, "Version", sqlite3_column_int64 (row, 2));
  json_object_set_string_member (result, "CreatedDate", (const char *) sqlite3_column_text (row, 3));
  json_object_set_string_member (result, "Description", description != NULL ? description : "");
  if (license != NULL)
    json_object_set_string_member (result, "LicenseInfo", license);
  set_parsed (result, "CompatibleRuntimes", (const char *) sqlite3_column_text (row, 6));
  set_parsed (result, "CompatibleArchitectures", (const char *) sqlite3_column_text (row, 7));
  if (full) {
    JsonObject *content = json_object_new ();

    json_object_set_string_member (result, "LayerArn", (const char *) sqlite3_column_text (row, 1));
    json_object_set_string_member (content, "Location", practice_server_get_url (practice_call_get_server (call)));
    json_object_set_string_member (content, "CodeSha256", (const char *) sqlite3_column_text (row, 8));
    json_object_set_int_member (content, "CodeSize", sqlite3_column_int64 (row, 9));
    json_object_set_object_member (result, "Content", content);
  }
  return result;
}

static char *
array_to_text (JsonArray *array)
{
  g_autoptr (JsonNode) node = NULL;

  if (array == NULL)
    return g_strdup ("[]");
  node = json_node_alloc ();
  json_node_init_array (node, array);
  return practice_json_to_text (node);
}

void
practice_lambda_publish_layer_version (PracticeCall *call,
                                       gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  g_autofree char *layer = resolve_layer (call);
  const char *description = practice_call_get_string (call, "Description");
  const char *license = practice_call_get_string (call, "LicenseInfo");
  JsonArray *runtimes = practice_call_get_array (call, "CompatibleRuntimes");
  JsonArray *architectures = practice_call_get_array (call, "CompatibleArchitectures");
  JsonObject *content = practice_call_get_object (call, "Content");
  g_autoptr (GBytes) zip = NULL;
  g_autofree char *sha = NULL;
  g_autofree char *arn = NULL;
  g_autofree char *created = NULL;
  g_autofree char *runtimes_text = NULL;
  g_autofree char *architectures_text = NULL;
  JsonObject *result = NULL;
  gint64 version = 1;
  sqlite3_stmt *row;

  if (layer == NULL || practice_call_is_answered (call) || !practice_call_allow (call, "lambda:PublishLayerVersion", layer, NULL, NULL))
    return;
  zip = practice_lambda_get_zip (call, content, &sha);
  if (zip == NULL)
    return;
  row = practice_store_prepare (store, "SELECT last + 1 FROM lambda_layer WHERE arn = ?", "s", layer);
  if (sqlite3_step (row) == SQLITE_ROW)
    version = sqlite3_column_int64 (row, 0);
  sqlite3_reset (row);
  practice_store_run (store, "INSERT INTO lambda_layer (arn, region, name, last) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (arn) DO UPDATE SET last = ?4", "sssi",
                      layer, practice_call_get_region (call), strrchr (layer, ':') + 1, version);
  arn = g_strdup_printf ("%s:%" G_GINT64_FORMAT, layer, version);
  created = practice_function_now ();
  runtimes_text = array_to_text (runtimes);
  architectures_text = array_to_text (architectures);
  practice_store_run (store, "INSERT INTO lambda_layer_version (arn, layer, version, created, description, license, runtimes, architectures, code_sha, zip)"
                      "  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ssissssssb", arn, layer, version, created, description, license, runtimes_text,
                      architectures_text, sha, zip);
  row = practice_store_prepare (store, "SELECT " VERSION_COLUMNS " FROM lambda_layer_version WHERE arn = ?", "s", arn);
  if (sqlite3_step (row) == SQLITE_ROW)
    result = describe_version (call, row, TRUE);
  sqlite3_reset (row);
  practice_events_emit_strings (practice_server_get_events (practice_call_get_server (call)), "resource-created", "arn", arn,
                                "type", "AWS::Lambda::LayerVersion", "name", strrchr (layer, ':') + 1, "region", practice_call_get_region (call), NULL);
  practice_call_return_full (call, 201, result, NULL, NULL, NULL);
}

static void
return_version (PracticeCall *call,
                const char   *arn)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  JsonObject *result = NULL;
  sqlite3_stmt *row;

  if (!practice_call_allow (call, "lambda:GetLayerVersion", arn, NULL, NULL))
    return;
  row = practice_store_prepare (store, "SELECT " VERSION_COLUMNS " FROM lambda_layer_version WHERE arn = ? AND deleted = 0", "s", arn);
  if (sqlite3_step (row) == SQLITE_ROW)
    result = describe_version (call, row, TRUE);
  sqlite3_reset (row);
  if (result == NULL)
    practice_lambda_fail (call, 404, "ResourceNotFoundException", "The resource you requested does not exist.");
  else
    practice_call_return (call, result);
}

/* (transfer full) (nullable): the ARN of the version that the call names; NULL after failing the call. */
static char *
resolve_version (PracticeCall *call)
{
  g_autofree char *layer = resolve_layer (call);
  const char *text = practice_call_get_string (call, "VersionNumber");
  gint64 version = 0;

  if (layer == NULL || practice_call_is_answered (call))
    return NULL;
  if (text == NULL || !g_ascii_string_to_signed (text, 10, 1, G_MAXINT64, &version, NULL)) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Layer Version Cannot be less than 1");
    return NULL;
  }
  return g_strdup_printf ("%s:%" G_GINT64_FORMAT, layer, version);
}

void
practice_lambda_get_layer_version (PracticeCall *call,
                                   gpointer      service)
{
  g_autofree char *arn = resolve_version (call);

  if (arn != NULL)
    return_version (call, arn);
}

static void
get_layer_version_by_arn (PracticeCall *call,
                          gpointer      service)
{
  const char *arn = practice_call_get_string (call, "Arn");

  if (arn == NULL || !g_regex_match_simple (VERSION_ARN, arn, 0, 0))
    practice_lambda_fail_constraint (call, arn, "arn", "Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|"
                                     "(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)");
  else
    return_version (call, arn);
}

void
practice_lambda_list_layers (PracticeCall *call,
                             gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  JsonObject *result = NULL;
  JsonArray *layers = NULL;
  sqlite3_stmt *rows;

  /* GetLayerVersionByArn has the same path, and "?find=LayerVersion". */
  if (practice_call_get_string (call, "find") != NULL) {
    get_layer_version_by_arn (call, service);
    return;
  }
  if (!practice_call_allow (call, "lambda:ListLayers", "*", NULL, NULL))
    return;
  result = json_object_new ();
  layers = json_array_new ();
  rows = practice_store_prepare (store, "SELECT v." "arn, v.layer, max (v.version), v.created, v.description, v.license, v.runtimes, v.architectures, v.code_sha,"
                                 "  length (v.zip) FROM lambda_layer_version v JOIN lambda_layer l ON l.arn = v.layer WHERE l.region = ? AND v.deleted = 0"
                                 "  GROUP BY v.layer ORDER BY l.name", "s", practice_call_get_region (call));
  while (sqlite3_step (rows) == SQLITE_ROW) {
    JsonObject *layer = json_object_new ();
    const char *arn = (const char *) sqlite3_column_text (rows, 1);

    json_object_set_string_member (layer, "LayerName", strrchr (arn, ':') + 1);
    json_object_set_string_member (layer, "LayerArn", arn);
    json_object_set_object_member (layer, "LatestMatchingVersion", describe_version (call, rows, FALSE));
    json_array_add_object_element (layers, layer);
  }
  sqlite3_reset (rows);
  json_object_set_array_member (result, "Layers", layers);
  practice_call_return (call, result);
}

void
practice_lambda_list_layer_versions (PracticeCall *call,
                                     gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  g_autofree char *layer = resolve_layer (call);
  JsonObject *result = NULL;
  JsonArray *versions = NULL;
  sqlite3_stmt *rows;

  if (layer == NULL || !practice_call_allow (call, "lambda:ListLayerVersions", layer, NULL, NULL))
    return;
  result = json_object_new ();
  versions = json_array_new ();
  rows = practice_store_prepare (store, "SELECT " VERSION_COLUMNS " FROM lambda_layer_version WHERE layer = ? AND deleted = 0 ORDER BY version DESC", "s", layer);
  while (sqlite3_step (rows) == SQLITE_ROW)
    json_array_add_object_element (versions, describe_version (call, rows, FALSE));
  sqlite3_reset (rows);
  json_object_set_array_member (result, "LayerVersions", versions);
  practice_call_return (call, result);
}

void
practice_lambda_drop_layers (PracticeStore *store)
{
  practice_store_run (store, "DELETE FROM lambda_layer_version WHERE deleted = 1 AND NOT EXISTS"
                      "  (SELECT 1 FROM lambda_function WHERE instr (layers, '\"' || lambda_layer_version.arn || '\"') > 0)", NULL);
}

void
practice_lambda_delete_layer_version (PracticeCall *call,
                                      gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  g_autofree char *arn = resolve_version (call);

  if (arn == NULL || !practice_call_allow (call, "lambda:DeleteLayerVersion", arn, NULL, NULL))
    return;
  if (practice_store_run (store, "UPDATE lambda_layer_version SET deleted = 1 WHERE arn = ? AND deleted = 0", "s", arn) > 0) {
    const char *layer_end = strrchr (arn, ':');
    g_autofree char *layer = g_strndup (arn, (gsize) (layer_end - arn));

    practice_events_emit_strings (practice_server_get_events (practice_call_get_server (call)), "resource-deleted", "arn", arn,
                                  "type", "AWS::Lambda::LayerVersion", "name", strrchr (layer, ':') + 1, "region", practice_call_get_region (call), NULL);
  }
  practice_lambda_drop_layers (store);
  practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
}

/* One layer version of a function: its ARN and size added to @resolved. */
static gboolean
add_layer (PracticeCall *call,
           const char   *arn,
           JsonArray    *resolved)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  gsize name_length = (gsize) (strrchr (arn, ':') - arn) + 1;
  g_auto (GStrv) parts = g_strsplit (arn, ":", 5);
  JsonObject *layer = NULL;
  sqlite3_stmt *row;

  if (!g_str_equal (parts[3], practice_call_get_region (call))) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException",
                          "Layers are not in the same region as the function. Layers are expected to be in region %s.", practice_call_get_region (call));
    return FALSE;
  }
  for (guint i = 0; i < json_array_get_length (resolved); i++) {
    const char *other = practice_json_get_string (json_array_get_object_element (resolved, i), "Arn");

    if (strncmp (other, arn, name_length) == 0 && strchr (other + name_length, ':') == NULL) {
      practice_lambda_fail (call, 400, "InvalidParameterValueException", "Two different versions of the same layer are not allowed to be referenced in the same "
                            "function. %s and %s are versions of the same layer.", other, arn);
      return FALSE;
    }
  }
  if (!practice_call_allow (call, "lambda:GetLayerVersion", arn, NULL, NULL))
    return FALSE;
  row = practice_store_prepare (store, "SELECT length (zip) FROM lambda_layer_version WHERE arn = ? AND deleted = 0", "s", arn);
  if (sqlite3_step (row) == SQLITE_ROW) {
    layer = json_object_new ();
    json_object_set_string_member (layer, "Arn", arn);
    json_object_set_int_member (layer, "CodeSize", sqlite3_column_int64 (row, 0));
    json_array_add_object_element (resolved, layer);
  }
  sqlite3_reset (row);
  if (layer == NULL)
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Layer version %s does not exist.", arn);
  return layer != NULL;
}

char *
practice_lambda_resolve_layers (PracticeCall *call,
                                JsonArray    *layers)
{
  g_autoptr (JsonArray) resolved = json_array_new ();

  if (json_array_get_length (layers) > MAX_LAYERS) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Cannot reference more than 5 layers.");
    return NULL;
  }
  for (guint i = 0; i < json_array_get_length (layers); i++) {
    JsonNode *node = json_array_get_element (layers, i);
    const char *arn = practice_json_is_string (node) ? json_node_get_string (node) : "";

    if (!g_regex_match_simple (VERSION_ARN, arn, 0, 0)) {
      g_autofree char *shown = g_strdup_printf ("[%s]", arn);

      practice_lambda_fail_constraint (call, shown, "layers", "Member must satisfy constraint: [Member must have length less than or equal to 2048, Member must have "
                                       "length greater than or equal to 1, Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?"
                                       "[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:"
                                       "[a-zA-Z0-9-_]+), Member must not be null]");
      return NULL;
    }
    if (!add_layer (call, arn, resolved))
      return NULL;
  }
  return array_to_text (resolved);
}
