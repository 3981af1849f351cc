/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-value.h"

#include <string.h>

#include "practice-dynamodb-error.h"
#include "practice-json.h"

static PracticeDynamodbValue *read_value (JsonNode  *node,
                                          guint      depth,
                                          GError   **error);

/* How DynamoDB names the JSON token that it cannot take. */
static const char *
describe_token (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return "START_OBJECT";
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "START_ARRAY";
  if (JSON_NODE_HOLDS_NULL (node))
    return "NULL_VALUE";
  if (practice_json_is_boolean (node))
    return json_node_get_boolean (node) ? "TRUE_VALUE" : "FALSE_VALUE";
  if (practice_json_is_string (node))
    return "STRING_VALUE";
  return "NUMBER_VALUE";
}

static const char *
read_string (JsonNode  *node,
             GError   **error)
{
  if (!practice_json_is_string (node)) {
    practice_dynamodb_unreadable (error, "%s cannot be converted to String", describe_token (node));
    return NULL;
  }
  return json_node_get_string (node);
}

static gboolean
is_base64 (const char *text,
           gsize       length)
{
  gsize end = length;

  if (length % 4 != 0)
    return FALSE;
  for (guint i = 0; i < 2 && end > 0 && text[end - 1] == '='; i++)
    end--;
  for (gsize i = 0; i < end; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/')
      return FALSE;
  return TRUE;
}

/* S, N and B; @type is theirs. */
static PracticeDynamodbValue *
read_scalar (PracticeDynamodbType   type,
             JsonNode              *node,
             GError               **error)
{
  PracticeDynamodbNumber number;
  const char *text = read_string (node, error);
  guchar *data;
  gsize length;
  int state = 0;
  guint save = 0;

  if (text == NULL)
    return NULL;

  switch (type) {
  case PRACTICE_DYNAMODB_TYPE_N:
    if (!practice_dynamodb_number_parse (&number, text, error))
      return NULL;
    return practice_dynamodb_value_new_number (&number);
  case PRACTICE_DYNAMODB_TYPE_B:
    length = strlen (text);
    if (!is_base64 (text, length)) {
      practice_dynamodb_unreadable (error, "Invalid Base64: a binary value must be Base64-encoded");
      return NULL;
    }
    data = g_malloc (length / 4 * 3 + 1);
    length = g_base64_decode_step (text, length, data, &state, &save);
    data[length] = '\0';
    return practice_dynamodb_value_new_bytes (type, (char *) data, length);
  default:
    return practice_dynamodb_value_new_string (text);
  }
}

static PracticeDynamodbValue *
read_elements (PracticeDynamodbType   type,
               JsonNode              *node,
               guint                  depth,
               GError               **error)
{
  g_autoptr (PracticeDynamodbValue) list = practice_dynamodb_value_new_list (type);
  JsonArray *array;
  gboolean duplicates = FALSE;

  if (!JSON_NODE_HOLDS_ARRAY (node)) {
    practice_dynamodb_unreadable (error, "Unexpected field type");
    return NULL;
  }
  array = json_node_get_array (node);

  if (type != PRACTICE_DYNAMODB_TYPE_L && json_array_get_length (array) == 0) {
    practice_dynamodb_invalid (error, "One or more parameter values were invalid: %s",
                               type == PRACTICE_DYNAMODB_TYPE_SS   ? "An string set  may not be empty"
                               : type == PRACTICE_DYNAMODB_TYPE_NS ? "An number set  may not be empty"
                                                                   : "Binary sets should not be empty");
    return NULL;
  }

  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *element = json_array_get_element (array, i);
    PracticeDynamodbValue *value;

    if (type == PRACTICE_DYNAMODB_TYPE_L) {
      value = read_value (element, depth, error);
      if (value == NULL)
        return NULL;
      g_ptr_array_add (list->elements, value);
      continue;
    }
    value = read_scalar (type - PRACTICE_DYNAMODB_TYPE_SS + PRACTICE_DYNAMODB_TYPE_S, element, error);
    if (value == NULL)
      return NULL;
    duplicates |= !practice_dynamodb_value_add_element (list, value);
  }

  if (duplicates && type == PRACTICE_DYNAMODB_TYPE_SS) {
    g_autoptr (GString) names = g_string_new (NULL);

    for (guint i = 0; i < json_array_get_length (array); i++)
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", json_array_get_string_element (array, i));
    practice_dynamodb_invalid (error, "One or more parameter values were invalid: Input collection [%s] contains duplicates.", names->str);
    return NULL;
  }
  if (duplicates) {
    practice_dynamodb_invalid (error, "Input collection contains duplicates");
    return NULL;
  }
  return g_steal_pointer (&list);
}

static PracticeDynamodbValue *
read_members (JsonObject  *object,
              guint        depth,
              GError     **error)
{
  g_autoptr (PracticeDynamodbValue) map = practice_dynamodb_value_new_map ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node)) {
    PracticeDynamodbValue *value = read_value (node, depth, error);

    if (value == NULL)
      return NULL;
    practice_dynamodb_value_set (map, name, value);
  }
  return g_steal_pointer (&map);
}

static PracticeDynamodbValue *
read_value (JsonNode  *node,
            guint      depth,
            GError   **error)
{
  JsonObject *object;
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *content = NULL;
  PracticeDynamodbType type;

  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    practice_dynamodb_unreadable (error, "Unexpected value type in payload");
    return NULL;
  }
  object = json_node_get_object (node);

  if (json_object_get_size (object) > 1) {
    practice_dynamodb_invalid (error, "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes");
    return NULL;
  }
  json_object_iter_init (&iter, object);
  if (!json_object_iter_next (&iter, &name, &content) || !practice_dynamodb_type_from_name (name, &type) || JSON_NODE_HOLDS_NULL (content)) {
    practice_dynamodb_invalid (error, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
    return NULL;
  }

  switch (type) {
  case PRACTICE_DYNAMODB_TYPE_S:
  case PRACTICE_DYNAMODB_TYPE_N:
  case PRACTICE_DYNAMODB_TYPE_B:
    return read_scalar (type, content, error);
  case PRACTICE_DYNAMODB_TYPE_BOOL:
  case PRACTICE_DYNAMODB_TYPE_NULL:
    if (!practice_json_is_boolean (content)) {
      practice_dynamodb_unreadable (error, "%s cannot be converted to Boolean", describe_token (content));
      return NULL;
    }
    if (type == PRACTICE_DYNAMODB_TYPE_NULL && !json_node_get_boolean (content)) {
      practice_dynamodb_invalid (error, "One or more parameter values were invalid: Null attribute value types must have the value of true");
      return NULL;
    }
    return practice_dynamodb_value_new_boolean (type, json_node_get_boolean (content));
  case PRACTICE_DYNAMODB_TYPE_SS:
  case PRACTICE_DYNAMODB_TYPE_NS:
  case PRACTICE_DYNAMODB_TYPE_BS:
    return read_elements (type, content, depth, error);
  case PRACTICE_DYNAMODB_TYPE_L:
  case PRACTICE_DYNAMODB_TYPE_M:
  default:
    if (depth >= PRACTICE_DYNAMODB_DEPTH_MAX) {
      practice_dynamodb_invalid (error, "Nesting Levels have exceeded supported limits");
      return NULL;
    }
    if (type == PRACTICE_DYNAMODB_TYPE_L)
      return read_elements (type, content, depth + 1, error);
    if (!JSON_NODE_HOLDS_OBJECT (content)) {
      practice_dynamodb_unreadable (error, "Unexpected field type");
      return NULL;
    }
    return read_members (json_node_get_object (content), depth + 1, error);
  }
}

static char *
scalar_to_text (const PracticeDynamodbValue *self)
{
  switch (self->type) {
  case PRACTICE_DYNAMODB_TYPE_N:
    return practice_dynamodb_number_format (&self->number);
  case PRACTICE_DYNAMODB_TYPE_B:
    return g_base64_encode ((const guchar *) self->bytes.data, self->bytes.length);
  default:
    return g_strdup (self->bytes.data);
  }
}

PracticeDynamodbValue *
practice_dynamodb_value_from_json (JsonNode  *node,
                                   GError   **error)
{
  return read_value (node, 0, error);
}

PracticeDynamodbValue *
practice_dynamodb_value_item_from_json (JsonObject  *object,
                                        GError     **error)
{
  return read_members (object, 0, error);
}

JsonObject *
practice_dynamodb_value_to_json (const PracticeDynamodbValue *self)
{
  JsonObject *object = json_object_new ();
  const char *name = practice_dynamodb_type_get_name (self->type);

  switch (self->type) {
  case PRACTICE_DYNAMODB_TYPE_S:
    json_object_set_string_member (object, name, self->bytes.data);
    break;
  case PRACTICE_DYNAMODB_TYPE_BOOL:
  case PRACTICE_DYNAMODB_TYPE_NULL:
    json_object_set_boolean_member (object, name, self->boolean);
    break;
  case PRACTICE_DYNAMODB_TYPE_SS:
  case PRACTICE_DYNAMODB_TYPE_NS:
  case PRACTICE_DYNAMODB_TYPE_BS:
  case PRACTICE_DYNAMODB_TYPE_L: {
    JsonArray *array = json_array_sized_new (self->elements->len);

    for (guint i = 0; i < self->elements->len; i++) {
      const PracticeDynamodbValue *element = g_ptr_array_index (self->elements, i);

      if (self->type == PRACTICE_DYNAMODB_TYPE_L) {
        json_array_add_object_element (array, practice_dynamodb_value_to_json (element));
      } else {
        g_autofree char *text = scalar_to_text (element);

        json_array_add_string_element (array, text);
      }
    }
    json_object_set_array_member (object, name, array);
    break;
  }
  case PRACTICE_DYNAMODB_TYPE_M:
    json_object_set_object_member (object, name, practice_dynamodb_value_item_to_json (self));
    break;
  case PRACTICE_DYNAMODB_TYPE_N:
  case PRACTICE_DYNAMODB_TYPE_B:
  default: {
    g_autofree char *text = scalar_to_text (self);

    json_object_set_string_member (object, name, text);
  }
  }
  return object;
}

JsonObject *
practice_dynamodb_value_item_to_json (const PracticeDynamodbValue *self)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < self->members->len; i++) {
    const PracticeDynamodbMember *member = g_ptr_array_index (self->members, i);

    json_object_set_object_member (object, member->name, practice_dynamodb_value_to_json (member->value));
  }
  return object;
}
