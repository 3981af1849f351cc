/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-permission.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"

/* What a policy has once or as a list. */
static gboolean
any (JsonNode    *node,
     gboolean   (*match) (const char *value, gpointer data),
     gpointer     data)
{
  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (node))
    return json_node_get_value_type (node) == G_TYPE_STRING && match (json_node_get_string (node), data);
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (any (json_array_get_element (array, i), match, data))
          return TRUE;
    }
  return FALSE;
}

static gboolean
matches_action (const char *pattern,
                gpointer    data)
{
  g_autofree char *low_pattern = g_ascii_strdown (pattern, -1);
  g_autofree char *low_action = g_ascii_strdown (data, -1);

  return g_pattern_match_simple (low_pattern, low_action);
}

static gboolean
matches_text (const char *value,
              gpointer    data)
{
  return strcmp (value, data) == 0;
}

typedef gboolean (*StatementFunc) (JsonObject *statement,
                                   gpointer    data);

static gboolean
any_statement (JsonObject    *document,
               StatementFunc  func,
               gpointer       data)
{
  JsonNode *node = json_object_get_member (document, "Statement");

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return func (json_node_get_object (node), data);
  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonObject *statement = mill_array_get_object (array, i);

          if (statement != NULL && func (statement, data))
            return TRUE;
        }
    }
  return FALSE;
}

static gboolean
statement_allows (JsonObject *statement,
                  gpointer    data)
{
  if (g_strcmp0 (aws_json_get_string (statement, "Effect"), "Allow") != 0)
    return FALSE;
  /* NotAction allows what it does not name. */
  if (json_object_has_member (statement, "NotAction"))
    return !any (json_object_get_member (statement, "NotAction"), matches_action, data);
  return any (json_object_get_member (statement, "Action"), matches_action, data);
}

static gboolean
statement_trusts (JsonObject *statement,
                  gpointer    data)
{
  JsonNode *principal = json_object_get_member (statement, "Principal");

  if (g_strcmp0 (aws_json_get_string (statement, "Effect"), "Allow") != 0 || principal == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_OBJECT (principal))
    return any (json_object_get_member (json_node_get_object (principal), "Service"), matches_text, data);
  return any (principal, matches_text, (gpointer) "*");
}

gboolean
mill_permission_trusts (JsonObject *document,
                        const char *service)
{
  return any_statement (document, statement_trusts, (gpointer) service);
}

gboolean
mill_permission_allows (JsonObject *document,
                        const char *action)
{
  return any_statement (document, statement_allows, (gpointer) action);
}

typedef struct
{
  const char *role_arn;
  const char *action;
} Grant;

static gboolean
statement_grants (JsonObject *statement,
                  gpointer    data)
{
  Grant *grant = data;
  JsonNode *principal = json_object_get_member (statement, "Principal");

  if (principal != NULL && JSON_NODE_HOLDS_OBJECT (principal))
    principal = json_object_get_member (json_node_get_object (principal), "AWS");
  return (any (principal, matches_text, (gpointer) "*") || any (principal, matches_text, (gpointer) grant->role_arn))
         && statement_allows (statement, (gpointer) grant->action);
}

gboolean
mill_permission_grants (JsonObject *document,
                        const char *role_arn,
                        const char *action)
{
  return any_statement (document, statement_grants, &(Grant) { .role_arn = role_arn, .action = action });
}

/* A quiet call: no habits, its errors mean "cannot be known". */
static JsonObject *
ask (MillJob    *job,
     const char *operation,
     JsonObject *parameters)
{
  JsonObject *result = aws_client_call (job->client, operation, parameters, job->cancellable, NULL);

  json_object_unref (parameters);
  return result;
}

static JsonObject *
get_document (JsonObject *object,
              const char *path)
{
  JsonObject *document = aws_json_get_object (object, path);

  if (document != NULL)
    return json_object_ref (document);
  return aws_json_get_string (object, path) != NULL ? aws_json_parse_object (aws_json_get_string (object, path), -1, NULL) : NULL;
}

static const char *
role_name (const char *role_arn)
{
  const char *slash = role_arn != NULL ? strrchr (role_arn, '/') : NULL;

  return slash != NULL ? slash + 1 : role_arn;
}

gboolean
mill_permission_check_trust (MillJob     *job,
                             const char  *role_arn,
                             const char  *service,
                             GError     **error)
{
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(JsonObject) document = NULL;
  g_autofree char *message = NULL;

  if (role_arn == NULL)
    return TRUE;
  answer = ask (job, "iam:GetRole", mill_properties_build ("RoleName:s", role_name (role_arn), NULL));
  document = answer != NULL ? get_document (answer, "Role.AssumeRolePolicyDocument") : NULL;
  if (document == NULL || any_statement (document, statement_trusts, (gpointer) service))
    return TRUE;

  message = g_strdup_printf (_("The role %s cannot be assumed by Lambda: its trust policy does not name %s."), role_name (role_arn), service);
  g_clear_error (error);
  *error = aws_error_new (AWS_ERROR_CLIENT, "InvalidParameterValueException", message, NULL, 400, FALSE);
  return FALSE;
}

/* TRUE where a policy of the role allows @action, or where that cannot be known. */
static gboolean
role_allows (MillJob    *job,
             const char *role,
             const char *action)
{
  g_autoptr(JsonArray) attached = NULL;
  g_autoptr(JsonArray) inline_names = NULL;
  g_autoptr(JsonObject) parameters = mill_properties_build ("RoleName:s", role, NULL);

  attached = aws_client_collect (job->client, "iam:ListAttachedRolePolicies", parameters, job->cancellable, NULL);
  inline_names = aws_client_collect (job->client, "iam:ListRolePolicies", parameters, job->cancellable, NULL);
  if (attached == NULL || inline_names == NULL)
    return TRUE;

  for (guint i = 0; i < json_array_get_length (attached); i++)
    {
      JsonObject *policy = mill_array_get_object (attached, i);
      const char *arn = policy != NULL ? aws_json_get_string (policy, "PolicyArn") : NULL;
      g_autoptr(JsonObject) info = NULL;
      g_autoptr(JsonObject) version = NULL;
      g_autoptr(JsonObject) document = NULL;

      if (arn == NULL)
        return TRUE;
      info = ask (job, "iam:GetPolicy", mill_properties_build ("PolicyArn:s", arn, NULL));
      if (info == NULL)
        return TRUE;
      version = ask (job, "iam:GetPolicyVersion",
                     mill_properties_build ("PolicyArn:s", arn, "VersionId:s", aws_json_get_string (info, "Policy.DefaultVersionId"), NULL));
      document = version != NULL ? get_document (version, "PolicyVersion.Document") : NULL;
      if (document == NULL || mill_permission_allows (document, action))
        return TRUE;
    }
  for (guint i = 0; i < json_array_get_length (inline_names); i++)
    {
      const char *name = mill_array_get (inline_names, i);
      g_autoptr(JsonObject) policy = NULL;
      g_autoptr(JsonObject) document = NULL;

      if (name == NULL)
        return TRUE;
      policy = ask (job, "iam:GetRolePolicy", mill_properties_build ("RoleName:s", role, "PolicyName:s", name, NULL));
      document = policy != NULL ? get_document (policy, "PolicyDocument") : NULL;
      if (document == NULL || mill_permission_allows (document, action))
        return TRUE;
    }
  return FALSE;
}

char *
mill_permission_parse_missing (const char *message)
{
  g_autoptr(GRegex) call = g_regex_new ("to call (\\w+) on (\\w+)", 0, 0, NULL);
  g_autoptr(GRegex) perform = g_regex_new ("to perform: ([a-z0-9]+:\\w+)", 0, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;

  if (g_regex_match (call, message, 0, &match))
    {
      g_autofree char *action = g_match_info_fetch (match, 1);
      g_autofree char *service = g_match_info_fetch (match, 2);
      g_autofree char *prefix = g_ascii_strdown (service, -1);

      /* Streams of tables are an API of their own, with the table's prefix. */
      return g_strdup_printf ("%s:%s", g_str_has_prefix (prefix, "dynamodb") ? "dynamodb" : prefix, action);
    }
  g_clear_pointer (&match, g_match_info_unref);
  if (g_regex_match (perform, message, 0, &match))
    return g_match_info_fetch (match, 1);
  return NULL;
}

gboolean
mill_permission_check_mapping (MillJob     *job,
                               const char  *function,
                               GError     **error)
{
  g_autofree char *action = mill_permission_parse_missing ((*error)->message);
  g_autoptr(JsonObject) configuration = NULL;
  g_autofree char *message = NULL;
  const char *role;

  if (action == NULL || function == NULL)
    return TRUE;
  configuration = ask (job, "lambda:GetFunctionConfiguration", mill_properties_build ("FunctionName:s", function, NULL));
  role = configuration != NULL ? role_name (aws_json_get_string (configuration, "Role")) : NULL;
  if (role == NULL || role_allows (job, role, action))
    return TRUE;

  message = g_strdup_printf (_("The role %s lacks the permission %s, which the trigger needs. Add it to one of the role’s policies."), role, action);
  g_clear_error (error);
  *error = aws_error_new (AWS_ERROR_CLIENT, "InvalidParameterValueException", message, NULL, 400, FALSE);
  return FALSE;
}
