/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-policy.h"

#include <string.h>

#include "practice-condition.h"
#include "practice-json.h"
#include "practice-pattern.h"

typedef struct {
  const PracticePolicyRequest *request;
  gboolean                     variables;   /* version 2012-10-17 */
} Evaluation;

typedef gboolean (*MatchFunc) (const Evaluation *evaluation,
                               const char       *text);

static char **
single (const char *value)
{
  char **values = NULL;

  if (value == NULL)
    return NULL;
  values = g_new0 (char *, 2);
  values[0] = g_strdup (value);
  return values;
}

static char **
node_to_values (JsonNode *node)
{
  GPtrArray *values = g_ptr_array_new ();

  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    for (guint i = 0; i < json_array_get_length (array); i++) {
      char *text = practice_json_node_dup_text (json_array_get_element (array, i));

      if (text != NULL)
        g_ptr_array_add (values, text);
    }
  } else {
    char *text = practice_json_node_dup_text (node);

    if (text != NULL)
      g_ptr_array_add (values, text);
  }
  g_ptr_array_add (values, NULL);
  return (char **) g_ptr_array_free (values, FALSE);
}

static char **
lookup_context (JsonObject *context,
                const char *name)
{
  JsonObjectIter iter;
  const char *key = NULL;
  JsonNode *node = NULL;

  if (context == NULL)
    return NULL;
  json_object_iter_init (&iter, context);
  while (json_object_iter_next (&iter, &key, &node)) {
    if (g_ascii_strcasecmp (key, name) == 0)
      return node_to_values (node);
  }
  return NULL;
}

/* Part @index of an ARN ("arn:aws:sqs:us-east-1:…"), or NULL where it is empty. */
static char **
arn_part (const char *arn,
          guint       index)
{
  g_auto (GStrv) parts = NULL;

  if (arn == NULL || !g_str_has_prefix (arn, "arn:"))
    return NULL;
  parts = g_strsplit (arn, ":", 6);
  return g_strv_length (parts) > index && *parts[index] != '\0' ? single (parts[index]) : NULL;
}

static const char *
principal_type (PracticePrincipal *principal)
{
  switch (principal->kind) {
  case PRACTICE_PRINCIPAL_ROOT:
    return "Account";
  case PRACTICE_PRINCIPAL_USER:
    return "User";
  case PRACTICE_PRINCIPAL_ROLE:
    return "AssumedRole";
  case PRACTICE_PRINCIPAL_SERVICE:
    return "Service";
  case PRACTICE_PRINCIPAL_ANONYMOUS:
  default:
    return "Anonymous";
  }
}

static char **
current_time (const char *format)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *text = g_date_time_format (now, format);

  return single (text);
}

static char **
lookup_principal (PracticePrincipal *principal,
                  const char        *name)
{
  gboolean is_service = principal->kind == PRACTICE_PRINCIPAL_SERVICE;

  if (g_ascii_strcasecmp (name, "PrincipalType") == 0)
    return single (principal_type (principal));
  if (g_ascii_strcasecmp (name, "PrincipalIsAWSService") == 0)
    return single (is_service ? "true" : "false");
  if (g_ascii_strcasecmp (name, "PrincipalServiceName") == 0)
    return single (is_service ? principal->service : NULL);
  if (g_ascii_strcasecmp (name, "SourceArn") == 0)
    return single (principal->source_arn);
  if (g_ascii_strcasecmp (name, "SourceAccount") == 0) {
    char **account = arn_part (principal->source_arn, 4);

    return account != NULL || principal->source_arn == NULL ? account : single (principal->account);
  }
  if (is_service || principal->kind == PRACTICE_PRINCIPAL_ANONYMOUS)
    return NULL;
  if (g_ascii_strcasecmp (name, "PrincipalArn") == 0)
    return single (principal->role_arn != NULL ? principal->role_arn : principal->arn);
  if (g_ascii_strcasecmp (name, "PrincipalAccount") == 0)
    return single (principal->account);
  if (g_ascii_strcasecmp (name, "userid") == 0)
    return single (principal->id);
  if (g_ascii_strcasecmp (name, "username") == 0 && principal->kind == PRACTICE_PRINCIPAL_USER)
    return single (strrchr (principal->arn, '/') + 1);
  if (g_ascii_strcasecmp (name, "SourceIp") == 0)
    return single ("127.0.0.1");
  return NULL;
}

static char *
lookup_variable (const char *name,
                 gpointer    data)
{
  const Evaluation *evaluation = data;
  g_auto (GStrv) values = practice_policy_lookup_key (evaluation->request, name);

  return values != NULL ? g_strdup (values[0]) : NULL;
}

static gboolean
matches_text (const Evaluation *evaluation,
              const char       *pattern,
              const char       *text)
{
  g_autofree char *expanded = practice_pattern_expand (pattern, evaluation->variables ? lookup_variable : NULL, (gpointer) evaluation);

  return expanded != NULL && practice_pattern_matches (expanded, text, FALSE);
}

static gboolean
match_action (const Evaluation *evaluation,
              const char       *text)
{
  g_autofree char *expanded = practice_pattern_expand (text, NULL, NULL);

  return practice_pattern_matches (expanded, evaluation->request->action, TRUE);
}

static gboolean
match_resource (const Evaluation *evaluation,
                const char       *text)
{
  return matches_text (evaluation, text, evaluation->request->resource);
}

/* Whether one of the texts in @node (a text or an array of texts) matches. */
static gboolean
any_matches (const Evaluation *evaluation,
             JsonNode         *node,
             MatchFunc         match)
{
  if (practice_json_is_string (node))
    return match (evaluation, json_node_get_string (node));
  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    for (guint i = 0; i < json_array_get_length (array); i++) {
      JsonNode *element = json_array_get_element (array, i);

      if (practice_json_is_string (element) && match (evaluation, json_node_get_string (element)))
        return TRUE;
    }
  }
  return FALSE;
}

/*
 * An "AWS" principal. The account stands for everybody in it where something is denied; where something is allowed it
 * only hands the decision to the account, whose own policies must allow it too ("AWS JSON policy elements: Principal").
 */
static gboolean
match_aws_principal (const Evaluation *evaluation,
                     const char       *text)
{
  PracticePrincipal *principal = evaluation->request->principal;

  if (strcmp (text, "*") == 0)
    return TRUE;
  if (principal->kind == PRACTICE_PRINCIPAL_SERVICE || principal->kind == PRACTICE_PRINCIPAL_ANONYMOUS)
    return FALSE;
  return g_strcmp0 (text, principal->arn) == 0 || g_strcmp0 (text, principal->role_arn) == 0 ||
         (principal->kind == PRACTICE_PRINCIPAL_ROOT && strcmp (text, principal->account) == 0);
}

static gboolean
match_account (const Evaluation *evaluation,
               const char       *text)
{
  PracticePrincipal *principal = evaluation->request->principal;
  g_autofree char *root = g_strdup_printf ("arn:aws:iam::%s:root", principal->account);

  if (principal->kind == PRACTICE_PRINCIPAL_SERVICE || principal->kind == PRACTICE_PRINCIPAL_ANONYMOUS)
    return FALSE;
  return strcmp (text, root) == 0 || strcmp (text, principal->account) == 0;
}

static gboolean
match_service_principal (const Evaluation *evaluation,
                         const char       *text)
{
  PracticePrincipal *principal = evaluation->request->principal;

  return principal->kind == PRACTICE_PRINCIPAL_SERVICE && (strcmp (text, "*") == 0 || strcmp (text, principal->service) == 0);
}

static gboolean
principal_matches (const Evaluation *evaluation,
                   JsonNode         *node,
                   gboolean          whole_account)
{
  JsonObject *object = NULL;
  JsonNode *aws = NULL;
  JsonNode *service = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return g_strcmp0 (practice_json_node_get_string (node), "*") == 0;

  object = json_node_get_object (node);
  aws = json_object_get_member (object, "AWS");
  service = json_object_get_member (object, "Service");
  return (aws != NULL && (any_matches (evaluation, aws, match_aws_principal) ||
                          (whole_account && any_matches (evaluation, aws, match_account)))) ||
         (service != NULL && any_matches (evaluation, service, match_service_principal));
}

static gboolean
statement_applies (const Evaluation *evaluation,
                   JsonObject       *statement,
                   gboolean          denies)
{
  JsonNode *node = NULL;

  if ((node = json_object_get_member (statement, "Action")) != NULL) {
    if (!any_matches (evaluation, node, match_action))
      return FALSE;
  } else if ((node = json_object_get_member (statement, "NotAction")) == NULL || any_matches (evaluation, node, match_action)) {
    return FALSE;
  }

  if ((node = json_object_get_member (statement, "Resource")) != NULL) {
    if (!any_matches (evaluation, node, match_resource))
      return FALSE;
  } else if ((node = json_object_get_member (statement, "NotResource")) != NULL && any_matches (evaluation, node, match_resource)) {
    return FALSE;
  }

  if ((node = json_object_get_member (statement, "Principal")) != NULL) {
    if (!principal_matches (evaluation, node, denies))
      return FALSE;
  } else if ((node = json_object_get_member (statement, "NotPrincipal")) != NULL && principal_matches (evaluation, node, TRUE)) {
    return FALSE;
  }

  node = json_object_get_member (statement, "Condition");
  return node == NULL || (JSON_NODE_HOLDS_OBJECT (node) &&
                          practice_condition_holds (json_node_get_object (node), evaluation->request, evaluation->variables));
}

static PracticeVerdict
evaluate_statement (const Evaluation *evaluation,
                    JsonNode         *node)
{
  JsonObject *statement = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *effect = statement != NULL ? practice_json_get_string (statement, "Effect") : NULL;
  gboolean denies = g_strcmp0 (effect, "Deny") == 0;

  if (effect == NULL || (!denies && strcmp (effect, "Allow") != 0) || !statement_applies (evaluation, statement, denies))
    return PRACTICE_VERDICT_NONE;
  return denies ? PRACTICE_VERDICT_DENY : PRACTICE_VERDICT_ALLOW;
}

PracticeVerdict
practice_policy_evaluate (JsonObject                  *policy,
                          const PracticePolicyRequest *request)
{
  Evaluation evaluation = {
    .request = request,
    .variables = g_strcmp0 (practice_json_get_string (policy, "Version"), "2012-10-17") == 0,
  };
  JsonNode *statements = json_object_get_member (policy, "Statement");
  PracticeVerdict verdict = PRACTICE_VERDICT_NONE;

  if (statements == NULL)
    return verdict;
  if (!JSON_NODE_HOLDS_ARRAY (statements))
    return evaluate_statement (&evaluation, statements);
  for (guint i = 0; i < json_array_get_length (json_node_get_array (statements)); i++) {
    PracticeVerdict one = evaluate_statement (&evaluation, json_array_get_element (json_node_get_array (statements), i));

    if (one == PRACTICE_VERDICT_DENY)
      return one;
    verdict = MAX (verdict, one);
  }
  return verdict;
}

char **
practice_policy_lookup_key (const PracticePolicyRequest *request,
                            const char                  *name)
{
  char **values = lookup_context (request->context, name);

  if (values != NULL)
    return values;
  if (g_ascii_strncasecmp (name, "aws:", 4) != 0)
    return NULL;
  name += 4;
  if (g_ascii_strncasecmp (name, "PrincipalTag/", 13) == 0)
    return lookup_context (request->tags, name + 13);
  if (g_ascii_strcasecmp (name, "CurrentTime") == 0)
    return current_time ("%Y-%m-%dT%H:%M:%SZ");
  if (g_ascii_strcasecmp (name, "EpochTime") == 0)
    return current_time ("%s");
  if (g_ascii_strcasecmp (name, "RequestedRegion") == 0)
    return arn_part (request->resource, 3);
  if (g_ascii_strcasecmp (name, "ResourceAccount") == 0)
    return arn_part (request->resource, 4);
  /* Loopback needs no TLS: policies that insist on it must hold here as they do on AWS. */
  if (g_ascii_strcasecmp (name, "SecureTransport") == 0)
    return single ("true");
  if (g_ascii_strcasecmp (name, "ViaAWSService") == 0)
    return single ("false");
  return lookup_principal (request->principal, name);
}

/* The texts of @node, one or many. */
static gboolean
each_text (JsonNode              *node,
           PracticePrincipalFunc  func,
           gpointer               data)
{
  if (practice_json_is_string (node))
    return func (json_node_get_string (node), data);
  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    for (guint i = 0; i < json_array_get_length (array); i++) {
      JsonNode *element = json_array_get_element (array, i);

      if (practice_json_is_string (element) && !func (json_node_get_string (element), data))
        return FALSE;
    }
  }
  return TRUE;
}

gboolean
practice_policy_each_principal (JsonObject            *policy,
                                PracticePrincipalFunc  func,
                                gpointer               data)
{
  JsonNode *statements = json_object_get_member (policy, "Statement");
  guint length = JSON_NODE_HOLDS_ARRAY (statements) ? json_array_get_length (json_node_get_array (statements)) : 1;

  for (guint i = 0; i < length; i++) {
    JsonNode *node = JSON_NODE_HOLDS_ARRAY (statements) ? json_array_get_element (json_node_get_array (statements), i) : statements;
    JsonObject *principal = JSON_NODE_HOLDS_OBJECT (node) ? practice_json_get_object (json_node_get_object (node), "Principal") : NULL;
    JsonNode *aws = principal != NULL ? json_object_get_member (principal, "AWS") : NULL;

    if (aws != NULL && !each_text (aws, func, data))
      return FALSE;
  }
  return TRUE;
}
