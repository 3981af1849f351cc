/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

/* PatchOperation (API Gateway API reference): a JSON pointer, an operation and a text. */

static void
unescape (char *part)
{
  char *to = part;

  for (const char *from = part; *from != '\0'; from++) {
    if (from[0] == '~' && (from[1] == '0' || from[1] == '1'))
      *to++ = *++from == '0' ? '~' : '/';
    else
      *to++ = *from;
  }
  *to = '\0';
}

static gboolean
check_ops (PracticeCall *call,
           const char   *input,
           JsonArray    *operations)
{
  static const char *const ops[] = { "add", "remove", "move", "test", "replace", "copy", NULL };
  g_autoptr (GString) errors = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (operations); i++) {
    JsonNode *node = json_array_get_element (operations, i);
    const char *op = JSON_NODE_HOLDS_OBJECT (node) ? practice_json_get_string (json_node_get_object (node), "op") : NULL;

    if (!JSON_NODE_HOLDS_OBJECT (node)) {
      practice_call_fail (call, 400, "SerializationException", "A patch operation must be an object");
      return FALSE;
    }
    if (op != NULL && g_strv_contains (ops, op))
      continue;
    g_string_append_printf (errors, "%sValue '%s' at '%s.patchOperations.%u.member.op' failed to satisfy constraint: "
                            "Member must satisfy enum value set: [add, remove, move, test, replace, copy]",
                            n++ > 0 ? "; " : "", op != NULL ? op : "null", input, i + 1);
  }
  if (n > 0)
    practice_call_fail (call, 400, "ValidationException", "%u validation error%s detected: %s", n, n > 1 ? "s" : "", errors->str);
  return n == 0;
}

gboolean
apigw_patch (PracticeApiGateway *self,
             PracticeCall       *call,
             const char         *input,
             JsonObject         *target,
             ApigwPatchFunc      apply)
{
  JsonArray *operations = practice_call_get_array (call, "patchOperations");

  if (operations == NULL)
    return !practice_call_is_answered (call);
  if (!check_ops (call, input, operations))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (operations); i++) {
    JsonObject *operation = json_array_get_object_element (operations, i);
    const char *path = practice_json_get_string (operation, "path");
    g_auto (GStrv) parts = NULL;
    ApigwPatch patch = { 0 };

    if (path == NULL || *path != '/') {
      apigw_bad_request (call, "Invalid patch path %s", path != NULL ? path : "null");
      return FALSE;
    }
    parts = g_strsplit (path + 1, "/", -1);
    for (guint k = 0; parts[k] != NULL; k++)
      unescape (parts[k]);
    patch.op = practice_json_get_string (operation, "op");
    patch.path = path;
    patch.parts = parts;
    patch.n_parts = g_strv_length (parts);
    patch.value = practice_json_get_string (operation, "value");
    if (!apply (self, call, target, &patch)) {
      if (!practice_call_is_answered (call))
        apigw_bad_request (call, "Invalid patch path %s", path);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
apigw_patch_text (JsonObject        *target,
                  const ApigwPatch  *patch,
                  const char *const *names)
{
  if (patch->n_parts != 1 || !g_strv_contains (names, patch->parts[0]))
    return FALSE;
  if (strcmp (patch->op, "remove") == 0 || patch->value == NULL)
    json_object_remove_member (target, patch->parts[0]);
  else
    json_object_set_string_member (target, patch->parts[0], patch->value);
  return TRUE;
}

gboolean
apigw_patch_boolean (JsonObject        *target,
                     const ApigwPatch  *patch,
                     const char *const *names)
{
  if (patch->n_parts != 1 || !g_strv_contains (names, patch->parts[0]))
    return FALSE;
  json_object_set_boolean_member (target, patch->parts[0], g_strcmp0 (patch->value, "true") == 0);
  return TRUE;
}

gboolean
apigw_patch_map (JsonObject        *target,
                 const ApigwPatch  *patch,
                 const char *const *names,
                 gboolean           booleans)
{
  JsonObject *map = NULL;

  if (patch->n_parts != 2 || !g_strv_contains (names, patch->parts[0]))
    return FALSE;
  map = apigw_ensure (target, patch->parts[0]);
  if (strcmp (patch->op, "remove") == 0)
    json_object_remove_member (map, patch->parts[1]);
  else if (booleans)
    json_object_set_boolean_member (map, patch->parts[1], g_strcmp0 (patch->value, "true") == 0);
  else
    json_object_set_string_member (map, patch->parts[1], patch->value != NULL ? patch->value : "");
  if (json_object_get_size (map) == 0)
    json_object_remove_member (target, patch->parts[0]);
  return TRUE;
}

gboolean
apigw_patch_is_op (PracticeCall     *call,
                   const ApigwPatch *patch,
                   const char       *op)
{
  if (strcmp (patch->op, op) == 0)
    return TRUE;
  apigw_bad_request (call, "Invalid patch operation specified. Must be one of: [%s]", op);
  return FALSE;
}
