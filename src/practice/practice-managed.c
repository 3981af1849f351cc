/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-managed.h"

#include <gio/gio.h>

#include "practice-json.h"
#include "practice-resources.h"

#define RESOURCE "/io/github/millrace/practice/managed-policies.json"

/* Read when they are first asked for: most practice clouds attach one or two of them. */
static JsonArray *
get_policies (void)
{
  static JsonArray *policies = NULL;

  if (policies == NULL) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = g_resource_lookup_data (practice_get_resource (), RESOURCE, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
    g_autoptr (JsonNode) root = NULL;

    if (bytes == NULL)
      g_error ("The managed policies are missing: %s", error->message);
    root = practice_json_parse (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), &error);
    if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root))
      g_error ("The managed policies cannot be read");
    policies = json_node_dup_array (root);
  }
  return policies;
}

JsonObject *
practice_managed_lookup (const char *arn)
{
  JsonArray *policies = NULL;

  if (!g_str_has_prefix (arn, "arn:aws:iam::aws:policy/"))
    return NULL;
  policies = get_policies ();
  for (guint i = 0; i < json_array_get_length (policies); i++) {
    JsonObject *policy = json_array_get_object_element (policies, i);

    if (g_strcmp0 (practice_json_get_string (policy, "Arn"), arn) == 0)
      return policy;
  }
  return NULL;
}

JsonArray *
practice_managed_list (void)
{
  return get_policies ();
}
