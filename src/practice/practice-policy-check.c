/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-policy.h"

#include <gio/gio.h>
#include <string.h>

#include "practice-condition.h"
#include "practice-json.h"

#define SYNTAX "Syntax errors in policy."

/*
 * Services that roles are made for. IAM refuses a name that is none ("lamda.amazonaws.com") where it stores a trust policy, so that
 * a typing mistake shows at once.
 */
static const char *const services[] = {
  "airflow", "airflow-env", "apigateway", "apprunner", "appsync", "application-autoscaling", "athena", "autoscaling", "backup", "batch",
  "bedrock", "chatbot", "cloudformation", "cloudfront", "cloudtrail", "cloudwatch", "codebuild", "codecommit", "codedeploy",
  "codepipeline", "cognito-idp", "cognito-sync", "config", "databrew", "datapipeline", "datasync", "dlm", "dms", "ds", "dynamodb", "ec2",
  "ecr", "ecs", "ecs-tasks", "edgelambda", "eks", "eks-fargate-pods", "elasticache", "elasticbeanstalk", "elasticfilesystem",
  "elasticloadbalancing", "elasticmapreduce", "emr-serverless", "es", "events", "firehose", "fis", "gamelift", "glue", "greengrass",
  "iot", "kafka", "kafkaconnect", "kinesis", "kinesisanalytics", "lakeformation", "lambda", "lex", "lexv2", "logs", "machinelearning",
  "mediaconvert", "monitoring.rds", "mq", "opensearchservice", "ops.apigateway", "organizations", "pinpoint", "pipes", "pods.eks", "polly", "rds",
  "redshift", "rekognition", "resource-groups", "s3", "sagemaker", "scheduler", "secretsmanager", "serverlessrepo",
  "servicecatalog", "ses", "sms-voice", "sns", "spotfleet", "sqs", "ssm", "ssm-incidents", "states", "storagegateway", "sts",
  "textract", "transcribe", "transcribe.streaming", "transfer", "translate", "vpc-flow-logs", "workspaces", "xray", NULL
};

static gboolean fail (GError     **error,
                      const char  *format,
                      ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError     **error,
      const char  *format,
      ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL) {
    g_autofree char *text = g_strdup_vprintf (format, arguments);

    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, text);
  }
  va_end (arguments);
  return FALSE;
}

static gboolean
has_only (JsonObject        *object,
          const char *const *names)
{
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *l = members; l != NULL; l = l->next) {
    if (!g_strv_contains (names, l->data))
      return FALSE;
  }
  return TRUE;
}

/* A text or an array of texts. */
static gboolean
is_texts (JsonNode *node)
{
  JsonArray *array = NULL;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return practice_json_is_string (node);
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    if (!practice_json_is_string (json_array_get_element (array, i)))
      return FALSE;
  }
  return TRUE;
}

static guint
texts_length (JsonNode *node)
{
  if (node == NULL)
    return 0;
  return JSON_NODE_HOLDS_ARRAY (node) ? json_array_get_length (json_node_get_array (node)) : 1;
}

static const char *
texts_get (JsonNode *node,
           guint     index)
{
  return JSON_NODE_HOLDS_ARRAY (node) ? json_array_get_string_element (json_node_get_array (node), index) : json_node_get_string (node);
}

static gboolean
is_condition_value (JsonNode *node)
{
  JsonArray *array = NULL;

  if (JSON_NODE_HOLDS_VALUE (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    if (!JSON_NODE_HOLDS_VALUE (json_array_get_element (array, i)))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_condition (JsonNode  *node,
                 GError   **error)
{
  JsonObjectIter iter;
  const char *operator = NULL;
  JsonNode *keys = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail (error, SYNTAX);
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &operator, &keys)) {
    JsonObjectIter key_iter;
    const char *key = NULL;
    JsonNode *value = NULL;

    if (!practice_condition_is_operator (operator) || !JSON_NODE_HOLDS_OBJECT (keys))
      return fail (error, SYNTAX);
    json_object_iter_init (&key_iter, json_node_get_object (keys));
    while (json_object_iter_next (&key_iter, &key, &value)) {
      if (!is_condition_value (value))
        return fail (error, SYNTAX);
      if (strchr (key, ':') == NULL)
        return fail (error, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
  }
  return TRUE;
}

static gboolean
check_principal (JsonNode  *node,
                 GError   **error)
{
  static const char *const kinds[] = { "AWS", "Service", "Federated", "CanonicalUser", NULL };
  JsonObjectIter iter;
  const char *kind = NULL;
  JsonNode *value = NULL;

  if (practice_json_is_string (node))
    return strcmp (json_node_get_string (node), "*") == 0 || fail (error, SYNTAX);
  if (!JSON_NODE_HOLDS_OBJECT (node) || !has_only (json_node_get_object (node), kinds) ||
      json_object_get_size (json_node_get_object (node)) == 0)
    return fail (error, SYNTAX);
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &kind, &value)) {
    if (!is_texts (value))
      return fail (error, SYNTAX);
  }
  return TRUE;
}

static gboolean
check_trusted_services (JsonNode  *principal,
                        GError   **error)
{
  JsonNode *names = JSON_NODE_HOLDS_OBJECT (principal) ? json_object_get_member (json_node_get_object (principal), "Service") : NULL;

  for (guint i = 0; i < texts_length (names); i++) {
    const char *name = texts_get (names, i);
    const char *end = strstr (name, ".amazonaws.com");
    g_autofree char *service = end != NULL ? g_strndup (name, (gsize) (end - name)) : NULL;

    if (service == NULL || strcmp (end, ".amazonaws.com") != 0 || !g_strv_contains (services, service))
      return fail (error, "Invalid principal in policy: \"SERVICE\":\"%s\"", name);
  }
  return TRUE;
}

static gboolean
check_actions (JsonNode  *node,
               GError   **error)
{
  if (texts_length (node) == 0)
    return fail (error, "Policy statement must contain actions.");
  for (guint i = 0; i < texts_length (node); i++) {
    const char *action = texts_get (node, i);
    const char *colon = strchr (action, ':');

    if (strcmp (action, "*") == 0)
      continue;
    if (colon == NULL || colon == action)
      return fail (error, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    if (strchr (colon + 1, ':') != NULL)
      return fail (error, "Actions/Condition can contain only one colon.");
    for (const char *c = action; c < colon; c++) {
      if (!g_ascii_isalnum (*c) && *c != '-' && *c != '*' && *c != '?')
        return fail (error, "Vendor %.*s is not valid", (int) (colon - action), action);
    }
  }
  return TRUE;
}

static gboolean
check_resource (const char  *resource,
                GError     **error)
{
  static const char *const partitions[] = { "aws", "aws-cn", "aws-us-gov", "*", NULL };
  g_auto (GStrv) parts = NULL;

  if (strcmp (resource, "*") == 0)
    return TRUE;
  if (!g_str_has_prefix (resource, "arn:"))
    return fail (error, "Resource %s must be in ARN format or \"*\".", resource);
  parts = g_strsplit (resource, ":", 6);
  /* "arn:aws:sqs:*" is short for every queue. */
  if (g_strv_length (parts) < 6 && !g_str_has_suffix (resource, "*"))
    return fail (error, "The policy failed legacy parsing");
  if (!g_strv_contains (partitions, parts[1]))
    return fail (error, "Partition \"%s\" is not valid for resource \"%s\".", parts[1], resource);
  if (parts[2] != NULL && *parts[2] != '\0' && strcmp (parts[2], "*") != 0 && strpbrk (parts[2], "*?") != NULL)
    return fail (error, "Resource vendor must be fully qualified and cannot contain regexes.");
  if (g_strcmp0 (parts[2], "iam") == 0 && parts[3] != NULL && *parts[3] != '\0' && strcmp (parts[3], "*") != 0)
    return fail (error, "IAM resource %s cannot contain region information.", resource);
  return TRUE;
}

static gboolean
check_structure (JsonObject  *statement,
                 GError     **error)
{
  static const char *const names[] = {
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition", NULL
  };
  static const char *const pairs[][2] = { { "Action", "NotAction" }, { "Resource", "NotResource" }, { "Principal", "NotPrincipal" } };
  const char *effect = practice_json_get_string (statement, "Effect");

  if (!has_only (statement, names) || effect == NULL || (strcmp (effect, "Allow") != 0 && strcmp (effect, "Deny") != 0) ||
      (json_object_has_member (statement, "Sid") && practice_json_get_string (statement, "Sid") == NULL))
    return fail (error, SYNTAX);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    if (json_object_has_member (statement, pairs[i][0]) && json_object_has_member (statement, pairs[i][1]))
      return fail (error, SYNTAX);
    for (guint j = 0; j < 2; j++) {
      JsonNode *node = json_object_get_member (statement, pairs[i][j]);

      if (node != NULL && (i < 2 ? !is_texts (node) : !check_principal (node, NULL)))
        return fail (error, SYNTAX);
    }
  }
  return TRUE;
}

static JsonNode *
get_either (JsonObject *statement,
            const char *name,
            const char *otherwise)
{
  JsonNode *node = json_object_get_member (statement, name);

  return node != NULL ? node : json_object_get_member (statement, otherwise);
}

static gboolean
check_identity_statement (JsonObject  *statement,
                          GError     **error)
{
  JsonNode *resources = get_either (statement, "Resource", "NotResource");

  if (get_either (statement, "Principal", "NotPrincipal") != NULL)
    return fail (error, "Policy document should not specify a principal.");
  if (texts_length (resources) == 0)
    return fail (error, "Policy statement must contain resources.");
  for (guint i = 0; i < texts_length (resources); i++) {
    if (!check_resource (texts_get (resources, i), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_trust_statement (JsonObject  *statement,
                       GError     **error)
{
  JsonNode *actions = get_either (statement, "Action", "NotAction");
  JsonNode *principal = get_either (statement, "Principal", "NotPrincipal");

  if (get_either (statement, "Resource", "NotResource") != NULL)
    return fail (error, "Has prohibited field Resource");
  if (principal == NULL)
    return fail (error, "Missing required field Principal");
  for (guint i = 0; i < texts_length (actions); i++) {
    if (!g_str_has_prefix (texts_get (actions, i), "sts:"))
      return fail (error, "AssumeRole policy may only specify STS AssumeRole actions.");
  }
  return check_trusted_services (principal, error);
}

static gboolean
check_sid (JsonObject          *statement,
           PracticePolicyKind   kind,
           GHashTable          *sids,
           GError             **error)
{
  const char *sid = practice_json_get_string (statement, "Sid");

  if (sid == NULL || *sid == '\0')
    return TRUE;
  if (!g_hash_table_add (sids, (gpointer) sid))
    return fail (error, "Statement IDs (SID) in a single policy must be unique.");
  for (const char *c = sid; kind != PRACTICE_POLICY_RESOURCE && *c != '\0'; c++) {
    if (!g_ascii_isalnum (*c))
      return fail (error, "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*");
  }
  return TRUE;
}

static gboolean
check_statement (JsonNode            *node,
                 PracticePolicyKind   kind,
                 GHashTable          *sids,
                 GError             **error)
{
  JsonObject *statement = NULL;
  JsonNode *condition = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fail (error, SYNTAX);
  statement = json_node_get_object (node);
  condition = json_object_get_member (statement, "Condition");
  if (!check_structure (statement, error) ||
      (condition != NULL && !check_condition (condition, error)) ||
      !check_sid (statement, kind, sids, error) ||
      !check_actions (get_either (statement, "Action", "NotAction"), error))
    return FALSE;

  switch (kind) {
  case PRACTICE_POLICY_IDENTITY:
    return check_identity_statement (statement, error);
  case PRACTICE_POLICY_TRUST:
    return check_trust_statement (statement, error);
  case PRACTICE_POLICY_RESOURCE:
  default:
    if (get_either (statement, "Principal", "NotPrincipal") == NULL)
      return fail (error, "Missing required field Principal");
    return TRUE;
  }
}

static gboolean
check_document (JsonObject          *policy,
                PracticePolicyKind   kind,
                GError             **error)
{
  static const char *const names[] = { "Version", "Id", "Statement", NULL };
  g_autoptr (GHashTable) sids = g_hash_table_new (g_str_hash, g_str_equal);
  const char *version = practice_json_get_string (policy, "Version");
  JsonNode *statements = json_object_get_member (policy, "Statement");
  guint length = 1;

  if (!has_only (policy, names) || statements == NULL || (version == NULL && json_object_has_member (policy, "Version")))
    return fail (error, SYNTAX);
  if (version != NULL && strcmp (version, "2012-10-17") != 0 && strcmp (version, "2008-10-17") != 0)
    return fail (error, SYNTAX);
  if (kind == PRACTICE_POLICY_IDENTITY && g_strcmp0 (version, "2012-10-17") != 0)
    return fail (error, "Policy document must be version 2012-10-17 or greater.");

  if (JSON_NODE_HOLDS_ARRAY (statements))
    length = json_array_get_length (json_node_get_array (statements));
  if (length == 0)
    return fail (error, SYNTAX);
  for (guint i = 0; i < length; i++) {
    JsonNode *node = JSON_NODE_HOLDS_ARRAY (statements) ? json_array_get_element (json_node_get_array (statements), i) : statements;

    if (!check_statement (node, kind, sids, error))
      return FALSE;
  }
  return TRUE;
}

JsonObject *
practice_policy_parse (const char          *text,
                       PracticePolicyKind   kind,
                       GError             **error)
{
  g_autoptr (JsonObject) policy = practice_json_parse_object (text, -1, NULL);

  if (policy == NULL) {
    fail (error, "%s", kind == PRACTICE_POLICY_TRUST ? "This policy contains invalid Json" : SYNTAX);
    return NULL;
  }
  return check_document (policy, kind, error) ? g_steal_pointer (&policy) : NULL;
}
