/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-definition.h"

#include <string.h>

#include "practice-dynamodb-error.h"
#include "practice-dynamodb-params.h"
#include "practice-json.h"

/* Developer Guide, "Limits": secondary indexes. */
#define GLOBAL_MAX 20
#define LOCAL_MAX 5
#define INCLUDED_MAX 100

static const char *
get_name (JsonArray  *array,
          guint       n,
          const char *member)
{
  return json_object_get_string_member (json_array_get_object_element (array, n), member);
}

/* "[id, name]" */
static char *
list_names (JsonArray  *array,
            const char *member)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < json_array_get_length (array); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", get_name (array, i, member));
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static gboolean
has_name (JsonArray  *array,
          const char *name)
{
  for (guint i = 0; i < json_array_get_length (array); i++) {
    if (g_str_equal (get_name (array, i, "AttributeName"), name))
      return TRUE;
  }
  return FALSE;
}

gboolean
practice_dynamodb_definition_check_name (const char  *name,
                                         GError     **error)
{
  gsize length = strlen (name);

  if (length < 3 || length > 255 || !practice_dynamodb_params_is_name (name))
    return practice_dynamodb_invalid (error,
                                      "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'");
  return TRUE;
}

JsonArray *
practice_dynamodb_definition_read_attributes (JsonObject  *params,
                                              GError     **error)
{
  static const char *const types[] = { "B", "N", "S", NULL };
  g_autoptr (JsonArray) attributes = json_array_new ();
  JsonArray *given;

  if (!practice_dynamodb_params_need_array (params, "AttributeDefinitions", &given, error))
    return NULL;
  for (guint i = 0; i < json_array_get_length (given); i++) {
    g_autofree char *type_path = g_strdup_printf ("attributeDefinitions.%u.member.attributeType", i + 1);
    const char *name, *type;
    JsonObject *element, *attribute;

    if (!practice_dynamodb_params_get_element (given, i, &element, error) ||
        !practice_dynamodb_params_need_string (element, "AttributeName", &name, error) ||
        !practice_dynamodb_params_need_string (element, "AttributeType", &type, error))
      return NULL;
    if (*name == '\0' || strlen (name) > 255) {
      practice_dynamodb_params_refuse (error, name, "AttributeDefinitions.member.attributeName", "Member must have length between 1 and 255");
      return NULL;
    }
    if (!g_strv_contains (types, type)) {
      practice_dynamodb_params_refuse (error, type, type_path, "Member must satisfy enum value set: [B, N, S]");
      return NULL;
    }
    if (has_name (attributes, name)) {
      practice_dynamodb_invalid (error, "Cannot have two attributes with the same name");
      return NULL;
    }
    attribute = json_object_new ();
    json_object_set_string_member (attribute, "AttributeName", name);
    json_object_set_string_member (attribute, "AttributeType", type);
    json_array_add_object_element (attributes, attribute);
  }
  return g_steal_pointer (&attributes);
}

JsonArray *
practice_dynamodb_definition_read_keys (JsonObject  *object,
                                        JsonArray   *attributes,
                                        GError     **error)
{
  static const char *const types[] = { "HASH", "RANGE" };
  g_autoptr (JsonArray) keys = json_array_new ();
  JsonArray *given;
  guint n;

  if (!practice_dynamodb_params_need_array (object, "KeySchema", &given, error))
    return NULL;
  n = json_array_get_length (given);
  if (n < 1 || n > 2) {
    practice_dynamodb_params_refuse (error, n < 1 ? "[]" : "[…]", "KeySchema",
                                     n < 1 ? "Member must have length greater than or equal to 1" : "Member must have length less than or equal to 2");
    return NULL;
  }

  for (guint i = 0; i < n; i++) {
    g_autofree char *type_path = g_strdup_printf ("keySchema.%u.member.keyType", i + 1);
    const char *name, *type;
    JsonObject *element, *key;

    if (!practice_dynamodb_params_get_element (given, i, &element, error) ||
        !practice_dynamodb_params_need_string (element, "AttributeName", &name, error) ||
        !practice_dynamodb_params_need_string (element, "KeyType", &type, error))
      return NULL;
    if (!g_str_equal (type, types[0]) && !g_str_equal (type, types[1])) {
      practice_dynamodb_params_refuse (error, type, type_path, "Member must satisfy enum value set: [HASH, RANGE]");
      return NULL;
    }
    if (!g_str_equal (type, types[i])) {
      practice_dynamodb_invalid (error, "Invalid KeySchema: The %s KeySchemaElement is not a %s key type", i == 0 ? "first" : "second", types[i]);
      return NULL;
    }
    if (has_name (keys, name)) {
      practice_dynamodb_invalid (error, "Both the Hash Key and the Range Key element in the KeySchema have the same name");
      return NULL;
    }
    key = json_object_new ();
    json_object_set_string_member (key, "AttributeName", name);
    json_object_set_string_member (key, "KeyType", type);
    json_array_add_object_element (keys, key);
  }

  for (guint i = 0; i < n; i++) {
    g_autofree char *names = NULL;
    g_autofree char *defined = NULL;

    if (has_name (attributes, get_name (keys, i, "AttributeName")))
      continue;
    names = list_names (keys, "AttributeName");
    defined = list_names (attributes, "AttributeName");
    practice_dynamodb_invalid (error,
                               "One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: %s, AttributeDefinitions: %s",
                               names, defined);
    return NULL;
  }
  return g_steal_pointer (&keys);
}

gboolean
practice_dynamodb_definition_read_throughput (JsonObject  *object,
                                              const char  *index,
                                              gboolean     on_demand,
                                              JsonObject **throughput,
                                              GError     **error)
{
  static const char *const units[] = { "ReadCapacityUnits", "WriteCapacityUnits" };
  g_autoptr (JsonObject) kept = json_object_new ();
  JsonObject *given = NULL;

  *throughput = NULL;
  if (!practice_dynamodb_params_get_object (object, "ProvisionedThroughput", &given, error))
    return FALSE;
  if (given == NULL) {
    if (on_demand)
      return TRUE;
    if (index == NULL)
      return practice_dynamodb_invalid (error,
                                        "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED");
    return practice_dynamodb_invalid (error, "One or more parameter values were invalid: ProvisionedThroughput must be specified for index: %s", index);
  }

  for (guint i = 0; i < G_N_ELEMENTS (units); i++) {
    g_autofree char *path = g_strdup_printf ("provisionedThroughput.%c%s", g_ascii_tolower (units[i][0]), units[i] + 1);
    gint64 value = -1;

    if (!practice_dynamodb_params_get_int (given, units[i], &value, error))
      return FALSE;
    if (!json_object_has_member (given, units[i]))
      return practice_dynamodb_params_refuse (error, NULL, path, "Member must not be null");
    if (value < 1 && !(on_demand && value == 0)) {
      g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

      return practice_dynamodb_params_refuse (error, text, path, "Member must have value greater than or equal to 1");
    }
    if (on_demand && value > 0) {
      if (index == NULL)
        return practice_dynamodb_invalid (error,
                                          "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
      return practice_dynamodb_invalid (error, "One or more parameter values were invalid: ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST",
                                        index);
    }
    json_object_set_int_member (kept, units[i], value);
  }
  if (!on_demand)
    *throughput = g_steal_pointer (&kept);
  return TRUE;
}

static JsonObject *
read_projection (JsonObject  *object,
                 GError     **error)
{
  static const char *const types[] = { "ALL", "INCLUDE", "KEYS_ONLY", NULL };
  g_autoptr (JsonObject) kept = json_object_new ();
  JsonObject *projection;
  JsonArray *names = NULL;
  const char *type = NULL;
  int choice;

  if (!practice_dynamodb_params_need_object (object, "Projection", &projection, error) ||
      !practice_dynamodb_params_get_string (projection, "ProjectionType", &type, error))
    return NULL;
  if (type == NULL) {
    practice_dynamodb_invalid (error, "One or more parameter values were invalid: Unknown ProjectionType: null");
    return NULL;
  }
  if (!practice_dynamodb_params_get_choice (projection, "ProjectionType", types, &choice, error) ||
      !practice_dynamodb_params_get_array (projection, "NonKeyAttributes", &names, error))
    return NULL;

  if (g_str_equal (type, "INCLUDE") != (names != NULL)) {
    practice_dynamodb_invalid (error, "One or more parameter values were invalid: ProjectionType is %s, but NonKeyAttributes is %s", type,
                               names != NULL ? "specified" : "not specified");
    return NULL;
  }
  json_object_set_string_member (kept, "ProjectionType", type);
  if (names != NULL) {
    JsonArray *included = json_array_new ();

    json_object_set_array_member (kept, "NonKeyAttributes", included);
    if (json_array_get_length (names) == 0 || json_array_get_length (names) > INCLUDED_MAX) {
      practice_dynamodb_params_refuse (error, "[…]", "Projection.nonKeyAttributes", "Member must have length between 1 and 100");
      return NULL;
    }
    for (guint i = 0; i < json_array_get_length (names); i++) {
      JsonNode *node = json_array_get_element (names, i);

      if (!practice_json_is_string (node)) {
        practice_dynamodb_unreadable (error, "NonKeyAttributes must be strings");
        return NULL;
      }
      json_array_add_string_element (included, json_node_get_string (node));
    }
  }
  return g_steal_pointer (&kept);
}

JsonObject *
practice_dynamodb_definition_read_index (JsonObject  *object,
                                         gboolean     global,
                                         gboolean     on_demand,
                                         JsonArray   *attributes,
                                         JsonArray   *table_keys,
                                         GError     **error)
{
  g_autoptr (JsonObject) index = json_object_new ();
  g_autoptr (JsonArray) keys = NULL;
  g_autoptr (JsonObject) throughput = NULL;
  JsonObject *projection;
  const char *name;

  if (!practice_dynamodb_params_need_string (object, "IndexName", &name, error) ||
      !practice_dynamodb_definition_check_name (name, error) ||
      (keys = practice_dynamodb_definition_read_keys (object, attributes, error)) == NULL ||
      (projection = read_projection (object, error)) == NULL)
    return NULL;
  json_object_set_string_member (index, "IndexName", name);
  json_object_set_object_member (index, "Projection", projection);

  if (global) {
    if (!practice_dynamodb_definition_read_throughput (object, name, on_demand, &throughput, error))
      return NULL;
    if (throughput != NULL)
      json_object_set_object_member (index, "ProvisionedThroughput", g_steal_pointer (&throughput));
  } else {
    if (json_array_get_length (table_keys) < 2) {
      practice_dynamodb_invalid (error, "One or more parameter values were invalid: Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex");
      return NULL;
    }
    if (json_array_get_length (keys) < 2) {
      practice_dynamodb_invalid (error, "One or more parameter values were invalid: Index KeySchema does not have a range key for index: %s", name);
      return NULL;
    }
    if (!g_str_equal (get_name (keys, 0, "AttributeName"), get_name (table_keys, 0, "AttributeName"))) {
      practice_dynamodb_invalid (error, "One or more parameter values were invalid: Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s",
                                 name, get_name (keys, 0, "AttributeName"), get_name (table_keys, 0, "AttributeName"));
      return NULL;
    }
  }
  json_object_set_array_member (index, "KeySchema", g_steal_pointer (&keys));
  return g_steal_pointer (&index);
}

gboolean
practice_dynamodb_definition_read_stream (JsonObject   *params,
                                          gboolean     *given,
                                          JsonObject  **specification,
                                          GError      **error)
{
  static const char *const views[] = { "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY", NULL };
  JsonObject *object = NULL;
  gboolean enabled = FALSE;
  int view = -1;

  *specification = NULL;
  if (!practice_dynamodb_params_get_object (params, "StreamSpecification", &object, error))
    return FALSE;
  *given = object != NULL;
  if (object == NULL)
    return TRUE;
  if (!practice_dynamodb_params_get_boolean (object, "StreamEnabled", &enabled, error) ||
      !practice_dynamodb_params_get_choice (object, "StreamViewType", views, &view, error))
    return FALSE;
  if (!json_object_has_member (object, "StreamEnabled"))
    return practice_dynamodb_params_refuse (error, NULL, "StreamSpecification.streamEnabled", "Member must not be null");
  if (enabled && view < 0)
    return practice_dynamodb_invalid (error, "One or more parameter values were invalid: StreamEnabled is true, but StreamViewType is not specified");
  if (!enabled && view >= 0)
    return practice_dynamodb_invalid (error, "One or more parameter values were invalid: StreamEnabled is false, but StreamViewType is specified");
  if (enabled) {
    *specification = json_object_new ();
    json_object_set_boolean_member (*specification, "StreamEnabled", TRUE);
    json_object_set_string_member (*specification, "StreamViewType", views[view]);
  }
  return TRUE;
}

gboolean
practice_dynamodb_definition_check_used (JsonObject  *definition,
                                         GError     **error)
{
  static const char *const members[] = { "GlobalSecondaryIndexes", "LocalSecondaryIndexes" };
  JsonArray *attributes = json_object_get_array_member (definition, "AttributeDefinitions");
  g_autoptr (JsonArray) used = json_array_new ();
  gboolean indexes = FALSE;
  g_autofree char *defined = NULL;
  g_autofree char *keys = NULL;

  for (guint m = 0; m <= G_N_ELEMENTS (members); m++) {
    g_autoptr (JsonArray) one = NULL;
    JsonArray *owners;

    if (m == G_N_ELEMENTS (members)) {
      owners = one = json_array_new ();
      json_array_add_object_element (one, json_object_ref (definition));
    } else if (json_object_has_member (definition, members[m])) {
      owners = json_object_get_array_member (definition, members[m]);
      indexes |= json_array_get_length (owners) > 0;
    } else {
      continue;
    }
    for (guint i = 0; i < json_array_get_length (owners); i++) {
      JsonArray *schema = json_object_get_array_member (json_array_get_object_element (owners, i), "KeySchema");

      for (guint j = 0; j < json_array_get_length (schema); j++) {
        if (!has_name (used, get_name (schema, j, "AttributeName")))
          json_array_add_object_element (used, json_object_ref (json_array_get_object_element (schema, j)));
      }
    }
  }

  if (json_array_get_length (used) == json_array_get_length (attributes))
    return TRUE;
  if (!indexes)
    return practice_dynamodb_invalid (error,
                                      "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions");
  defined = list_names (attributes, "AttributeName");
  keys = list_names (used, "AttributeName");
  return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: %s, keys used: %s",
                                    defined, keys);
}

gboolean
practice_dynamodb_definition_check_indexes (JsonObject  *definition,
                                            GError     **error)
{
  static const char *const members[] = { "GlobalSecondaryIndexes", "LocalSecondaryIndexes" };
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint m = 0; m < G_N_ELEMENTS (members); m++) {
    JsonArray *indexes = json_object_has_member (definition, members[m]) ? json_object_get_array_member (definition, members[m]) : NULL;
    guint n = indexes != NULL ? json_array_get_length (indexes) : 0;

    if (m == 0 && n > GLOBAL_MAX)
      return practice_dynamodb_invalid (error, "One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of %d", GLOBAL_MAX);
    if (m == 1 && n > LOCAL_MAX)
      return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Number of LocalSecondaryIndexes exceeds per-table limit of %d", LOCAL_MAX);
    for (guint i = 0; i < n; i++) {
      const char *name = get_name (indexes, i, "IndexName");

      if (!g_hash_table_add (names, (gpointer) name))
        return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Duplicate index name: %s", name);
    }
  }
  return TRUE;
}
