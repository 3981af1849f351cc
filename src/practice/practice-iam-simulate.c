/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-ops.h"

#include <string.h>

#include "practice-json.h"
#include "practice-policy.h"

static const char *
decision_name (PracticeVerdict verdict)
{
  switch (verdict) {
  case PRACTICE_VERDICT_ALLOW:
    return "allowed";
  case PRACTICE_VERDICT_DENY:
    return "explicitDeny";
  case PRACTICE_VERDICT_NONE:
  default:
    return "implicitDeny";
  }
}

/* ContextEntries as the condition keys that they set. */
static JsonObject *
read_context (JsonArray *entries)
{
  JsonObject *context = json_object_new ();

  for (guint i = 0; entries != NULL && i < json_array_get_length (entries); i++) {
    JsonNode *node = json_array_get_element (entries, i);
    JsonObject *entry = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const char *name = entry != NULL ? practice_json_get_string (entry, "ContextKeyName") : NULL;
    JsonArray *values = entry != NULL ? practice_json_get_array (entry, "ContextKeyValues") : NULL;

    if (name != NULL && values != NULL)
      json_object_set_array_member (context, name, json_array_ref (values));
  }
  return context;
}

static JsonObject *
simulate (PracticeIam       *self,
          PracticePrincipal *principal,
          const char        *action,
          const char        *resource,
          JsonObject        *context,
          JsonArray         *more_policies)
{
  JsonObject *result = json_object_new ();
  PracticePolicyRequest request = { .principal = principal, .action = action, .resource = resource, .context = context };
  PracticeVerdict verdict = practice_iam_evaluate_identity (self, principal, action, resource, context);

  for (guint i = 0; more_policies != NULL && i < json_array_get_length (more_policies); i++) {
    g_autoptr (JsonObject) policy = practice_policy_parse (json_array_get_string_element (more_policies, i), PRACTICE_POLICY_IDENTITY, NULL);

    if (policy != NULL && verdict != PRACTICE_VERDICT_DENY) {
      PracticeVerdict one = practice_policy_evaluate (policy, &request);

      verdict = MAX (verdict, one);
    }
  }
  json_object_set_string_member (result, "EvalActionName", action);
  json_object_set_string_member (result, "EvalResourceName", resource);
  json_object_set_string_member (result, "EvalDecision", decision_name (verdict));
  json_object_set_array_member (result, "MatchedStatements", json_array_new ());
  json_object_set_array_member (result, "MissingContextValues", json_array_new ());
  return result;
}

static gboolean
check_texts (PracticeCall *call,
             const char   *name,
             JsonArray    *array)
{
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    if (!practice_json_is_string (json_array_get_element (array, i))) {
      practice_call_fail (call, 400, "ValidationError", "The parameter %s is a list of texts.", name);
      return FALSE;
    }
  }
  return TRUE;
}

/* IAM API reference, SimulatePrincipalPolicy: identity policies only. */
void
practice_iam_simulate_principal (PracticeCall *call,
                                 gpointer      service)
{
  PracticeIam *self = service;
  const char *source = practice_iam_require (call, "PolicySourceArn");
  JsonArray *actions = practice_call_get_array (call, "ActionNames");
  JsonArray *resources = practice_call_get_array (call, "ResourceArns");
  JsonArray *policies = practice_call_get_array (call, "PolicyInputList");
  JsonArray *entries = practice_call_get_array (call, "ContextEntries");
  g_autoptr (PracticePrincipal) principal = NULL;
  g_autoptr (JsonObject) context = NULL;
  JsonArray *results = NULL;
  JsonObject *result = NULL;
  guint n_resources = resources != NULL ? json_array_get_length (resources) : 0;

  if (practice_call_is_answered (call) || !practice_iam_allow (call, source) || !check_texts (call, "ActionNames", actions) ||
      !check_texts (call, "ResourceArns", resources) || !check_texts (call, "PolicyInputList", policies))
    return;
  if (actions == NULL || json_array_get_length (actions) == 0) {
    practice_iam_require (call, "ActionNames");
    return;
  }
  principal = practice_iam_get_principal (self, source);
  if (principal == NULL) {
    practice_call_fail (call, 404, "NoSuchEntity", "The entity %s does not exist.", source);
    return;
  }
  for (guint i = 0; policies != NULL && i < json_array_get_length (policies); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) policy = practice_policy_parse (json_array_get_string_element (policies, i), PRACTICE_POLICY_IDENTITY, &error);

    if (policy == NULL) {
      practice_call_fail (call, 400, "InvalidInput", "%s", error->message);
      return;
    }
  }

  context = read_context (entries);
  results = json_array_new ();
  for (guint i = 0; i < json_array_get_length (actions); i++) {
    for (guint j = 0; j < MAX (n_resources, 1); j++)
      json_array_add_object_element (results, simulate (self, principal, json_array_get_string_element (actions, i),
                                                        n_resources > 0 ? json_array_get_string_element (resources, j) : "*",
                                                        context, policies));
  }
  result = json_object_new ();
  json_object_set_boolean_member (result, "IsTruncated", FALSE);
  json_object_set_array_member (result, "EvaluationResults", results);
  practice_call_return (call, result);
}
