/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-resource-policy.h"

#include "practice-json.h"

/* (transfer full): a policy may have one statement that is not in a list. */
static JsonArray *
get_statements (JsonObject *policy)
{
  JsonNode *node = json_object_get_member (policy, "Statement");
  JsonArray *statements = json_array_new ();

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node)) {
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      json_array_add_element (statements, json_node_copy (json_array_get_element (json_node_get_array (node), i)));
  } else if (node != NULL) {
    json_array_add_element (statements, json_node_copy (node));
  }
  return statements;
}

static gboolean
has_label (JsonNode   *statement,
           const char *label)
{
  return JSON_NODE_HOLDS_OBJECT (statement) &&
         g_strcmp0 (practice_json_get_string (json_node_get_object (statement), "Sid"), label) == 0;
}

/* One value stands by itself, as AWS writes it. */
static void
set_values (JsonObject *object,
            const char *name,
            JsonArray  *values)
{
  if (json_array_get_length (values) == 1)
    json_object_set_member (object, name, json_array_dup_element (values, 0));
  else
    json_object_set_array_member (object, name, json_array_ref (values));
}

static char *
write_policy (JsonObject *policy,
              JsonArray  *statements)
{
  g_autoptr (JsonObject) changed = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  /* What was parsed is immutable. */
  json_object_iter_init_ordered (&iter, policy);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (changed, name, json_node_copy (value));
  json_object_set_array_member (changed, "Statement", json_array_ref (statements));
  return practice_json_object_to_text (changed);
}

gboolean
practice_resource_policy_is_valid (const char *text)
{
  g_autoptr (JsonObject) policy = practice_json_parse_object (text, -1, NULL);
  g_autoptr (JsonArray) statements = policy != NULL ? get_statements (policy) : NULL;

  if (statements == NULL || json_array_get_length (statements) == 0)
    return FALSE;

  for (guint i = 0; i < json_array_get_length (statements); i++) {
    JsonNode *node = json_array_get_element (statements, i);
    JsonObject *statement = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const char *effect = statement != NULL ? practice_json_get_string (statement, "Effect") : NULL;

    if (g_strcmp0 (effect, "Allow") != 0 && g_strcmp0 (effect, "Deny") != 0)
      return FALSE;
    if (!json_object_has_member (statement, "Principal") && !json_object_has_member (statement, "NotPrincipal"))
      return FALSE;
    if (!json_object_has_member (statement, "Action") && !json_object_has_member (statement, "NotAction"))
      return FALSE;
  }
  return TRUE;
}

char *
practice_resource_policy_add_statement (const char *policy,
                                        const char *id,
                                        const char *label,
                                        JsonArray  *accounts,
                                        JsonArray  *actions,
                                        const char *resource)
{
  g_autoptr (JsonObject) object = policy != NULL ? practice_json_parse_object (policy, -1, NULL) : NULL;
  g_autoptr (JsonArray) statements = NULL;
  g_autoptr (JsonArray) principals = json_array_new ();
  JsonObject *statement;
  JsonObject *principal;

  if (object == NULL) {
    object = json_object_new ();
    json_object_set_string_member (object, "Version", "2008-10-17");
    json_object_set_string_member (object, "Id", id);
  }
  statements = get_statements (object);
  for (guint i = 0; i < json_array_get_length (statements); i++) {
    if (has_label (json_array_get_element (statements, i), label))
      return NULL;
  }

  for (guint i = 0; i < json_array_get_length (accounts); i++) {
    g_autofree char *arn = g_strdup_printf ("arn:aws:iam::%s:root", json_array_get_string_element (accounts, i));

    json_array_add_string_element (principals, arn);
  }
  principal = json_object_new ();
  set_values (principal, "AWS", principals);

  statement = json_object_new ();
  json_object_set_string_member (statement, "Sid", label);
  json_object_set_string_member (statement, "Effect", "Allow");
  json_object_set_object_member (statement, "Principal", principal);
  set_values (statement, "Action", actions);
  json_object_set_string_member (statement, "Resource", resource);
  json_array_add_object_element (statements, statement);
  return write_policy (object, statements);
}

char *
practice_resource_policy_remove_statement (const char *policy,
                                           const char *label)
{
  g_autoptr (JsonObject) object = policy != NULL ? practice_json_parse_object (policy, -1, NULL) : NULL;
  g_autoptr (JsonArray) statements = object != NULL ? get_statements (object) : NULL;

  for (guint i = 0; statements != NULL && i < json_array_get_length (statements); i++) {
    if (has_label (json_array_get_element (statements, i), label)) {
      json_array_remove_element (statements, i);
      return json_array_get_length (statements) > 0 ? write_policy (object, statements) : g_strdup ("");
    }
  }
  return NULL;
}
