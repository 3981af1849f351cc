/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-private.h"

#include <string.h>

#include "practice-json.h"

#define MAX_POLICY 20480

static JsonArray *
get_statements (PracticeFunction  *function,
                JsonObject       **policy)
{
  *policy = function->policy != NULL ? practice_json_parse_object (function->policy, -1, NULL) : NULL;
  return *policy != NULL ? practice_json_get_array (*policy, "Statement") : NULL;
}

static void
save_policy (PracticeCall     *call,
             PracticeFunction *function,
             JsonArray        *statements)
{
  g_free (function->policy);
  function->policy = NULL;
  if (json_array_get_length (statements) > 0) {
    g_autoptr (JsonObject) policy = json_object_new ();

    json_object_set_string_member (policy, "Version", "2012-10-17");
    json_object_set_string_member (policy, "Id", "default");
    json_object_set_array_member (policy, "Statement", json_array_ref (statements));
    function->policy = practice_json_object_to_text (policy);
  }
  g_free (function->policy_revision);
  function->policy_revision = g_uuid_string_random ();
  practice_function_save (function, practice_server_get_store (practice_call_get_server (call)));
}

static void
set_condition (JsonObject *conditions,
               const char *operator,
               const char *key,
               const char *value)
{
  JsonObject *condition = practice_json_get_object (conditions, operator);

  if (value == NULL)
    return;
  if (condition == NULL) {
    condition = json_object_new ();
    json_object_set_object_member (conditions, operator, condition);
  }
  json_object_set_string_member (condition, key, value);
}

/* (transfer full) (nullable): {"Service": …}, {"AWS": …} or "*"; NULL after failing the call. */
static JsonNode *
make_principal (PracticeCall *call,
                const char   *principal)
{
  JsonNode *node = json_node_alloc ();
  JsonObject *object = NULL;

  if (strcmp (principal, "*") == 0)
    return json_node_init_string (node, "*");
  object = json_object_new ();
  if (strchr (principal, '.') != NULL && !g_str_has_prefix (principal, "arn:")) {
    json_object_set_string_member (object, "Service", principal);
  } else if (g_regex_match_simple ("^\\d{12}$", principal, 0, 0)) {
    g_autofree char *arn = g_strdup_printf ("arn:aws:iam::%s:root", principal);

    json_object_set_string_member (object, "AWS", arn);
  } else if (g_str_has_prefix (principal, "arn:aws:iam::")) {
    json_object_set_string_member (object, "AWS", principal);
  } else {
    json_object_unref (object);
    json_node_free (node);
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "The provided principal was invalid. Please check the principal and try again.");
    return NULL;
  }
  json_node_init_object (node, object);
  json_object_unref (object);
  return node;
}

static JsonObject *
make_statement (PracticeCall     *call,
                PracticeFunction *function,
                const char       *id,
                const char       *action,
                const char       *principal)
{
  JsonObject *statement = NULL;
  JsonObject *conditions = NULL;
  JsonNode *who = make_principal (call, principal);

  if (who == NULL)
    return NULL;
  statement = json_object_new ();
  conditions = json_object_new ();
  json_object_set_string_member (statement, "Sid", id);
  json_object_set_string_member (statement, "Effect", "Allow");
  json_object_set_member (statement, "Principal", who);
  json_object_set_string_member (statement, "Action", action);
  json_object_set_string_member (statement, "Resource", function->arn);
  set_condition (conditions, "StringEquals", "AWS:SourceAccount", practice_call_get_string (call, "SourceAccount"));
  set_condition (conditions, "StringEquals", "lambda:EventSourceToken", practice_call_get_string (call, "EventSourceToken"));
  set_condition (conditions, "StringEquals", "aws:PrincipalOrgID", practice_call_get_string (call, "PrincipalOrgID"));
  set_condition (conditions, "ArnLike", "AWS:SourceArn", practice_call_get_string (call, "SourceArn"));
  if (json_object_get_size (conditions) > 0)
    json_object_set_object_member (statement, "Condition", conditions);
  else
    json_object_unref (conditions);
  return statement;
}

static gboolean
check_revision (PracticeCall     *call,
                PracticeFunction *function)
{
  const char *revision = practice_call_get_string (call, "RevisionId");

  if (revision != NULL && g_strcmp0 (revision, function->policy_revision) != 0)
    practice_lambda_fail (call, 412, "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id. "
                          "Call the GetPolicy API to retrieve the latest Revision Id");
  return !practice_call_is_answered (call);
}

void
practice_lambda_add_permission (PracticeCall *call,
                                gpointer      service)
{
  const char *id = practice_call_get_string (call, "StatementId");
  const char *action = practice_call_get_string (call, "Action");
  const char *principal = practice_call_get_string (call, "Principal");
  const char *qualifier = practice_call_get_string (call, "Qualifier");
  g_autoptr (PracticeFunction) function = NULL;
  g_autoptr (JsonObject) policy = NULL;
  g_autoptr (JsonArray) statements = json_array_new ();
  g_autofree char *text = NULL;
  JsonArray *old = NULL;
  JsonObject *statement = NULL;
  JsonObject *result = NULL;

  if (practice_call_is_answered (call))
    return;
  if (id == NULL || !g_regex_match_simple ("^[a-zA-Z0-9-_]{1,100}$", id, 0, 0)) {
    practice_lambda_fail_constraint (call, id, "statementId", id != NULL ? "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"
                                                                         : "Member must not be null");
    return;
  }
  if (action == NULL || !g_regex_match_simple ("^(lambda:[*]|lambda:[a-zA-Z]+|[*])$", action, 0, 0)) {
    practice_lambda_fail_constraint (call, action, "action", action != NULL ? "Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])"
                                                                            : "Member must not be null");
    return;
  }
  if (principal == NULL || strpbrk (principal, " \t\n") != NULL) {
    practice_lambda_fail_constraint (call, principal, "principal", principal != NULL ? "Member must satisfy regular expression pattern: [^\\s]+"
                                                                                     : "Member must not be null");
    return;
  }
  if (g_strcmp0 (qualifier, "$LATEST") == 0) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "We currently do not support adding policies for $LATEST.");
    return;
  }
  function = practice_lambda_find (call, "lambda:AddPermission");
  if (function == NULL || !check_revision (call, function))
    return;
  old = get_statements (function, &policy);
  for (guint i = 0; old != NULL && i < json_array_get_length (old); i++) {
    JsonObject *known = json_array_get_object_element (old, i);

    if (g_strcmp0 (practice_json_get_string (known, "Sid"), id) == 0) {
      practice_lambda_fail (call, 409, "ResourceConflictException",
                            "The statement id (%s) provided already exists. Please provide a new statement id, or remove the existing statement.", id);
      return;
    }
    json_array_add_object_element (statements, json_object_ref (known));
  }
  statement = make_statement (call, function, id, action, principal);
  if (statement == NULL)
    return;
  text = practice_json_object_to_text (statement);
  json_array_add_object_element (statements, statement);
  save_policy (call, function, statements);
  if (function->policy != NULL && strlen (function->policy) > MAX_POLICY) {
    practice_lambda_fail (call, 400, "PolicyLengthExceededException", "The final policy size (%u) is bigger than the limit (20480).", (guint) strlen (function->policy));
    return;
  }
  result = json_object_new ();
  json_object_set_string_member (result, "Statement", text);
  practice_call_return_full (call, 201, result, NULL, NULL, NULL);
}

void
practice_lambda_remove_permission (PracticeCall *call,
                                   gpointer      service)
{
  const char *id = practice_call_get_string (call, "StatementId");
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:RemovePermission");
  g_autoptr (JsonObject) policy = NULL;
  g_autoptr (JsonArray) left = json_array_new ();
  JsonArray *statements = NULL;

  if (function == NULL || !check_revision (call, function))
    return;
  statements = get_statements (function, &policy);
  if (statements == NULL) {
    practice_lambda_fail (call, 404, "ResourceNotFoundException", "No policy is associated with the given resource.");
    return;
  }
  for (guint i = 0; i < json_array_get_length (statements); i++) {
    JsonObject *statement = json_array_get_object_element (statements, i);

    if (g_strcmp0 (practice_json_get_string (statement, "Sid"), id) != 0)
      json_array_add_object_element (left, json_object_ref (statement));
  }
  if (json_array_get_length (left) == json_array_get_length (statements)) {
    practice_lambda_fail (call, 404, "ResourceNotFoundException", "Statement %s is not found in resource policy.", id);
    return;
  }
  save_policy (call, function, left);
  practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
}

void
practice_lambda_get_policy (PracticeCall *call,
                            gpointer      service)
{
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:GetPolicy");
  JsonObject *result = NULL;

  if (function == NULL)
    return;
  if (function->policy == NULL) {
    practice_lambda_fail (call, 404, "ResourceNotFoundException", "The resource you requested does not exist.");
    return;
  }
  result = json_object_new ();
  json_object_set_string_member (result, "Policy", function->policy);
  json_object_set_string_member (result, "RevisionId", function->policy_revision);
  practice_call_return (call, result);
}
