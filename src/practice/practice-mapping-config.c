/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-mapping-private.h"

#include <string.h>

#include "practice-event-pattern.h"
#include "practice-json.h"

#define MAX_FILTERS 5
#define INVALID "InvalidParameterValueException"

/* A number of the call's: checked and set in @config. */
static gboolean
read_int (PracticeCall *call,
          JsonObject   *config,
          const char   *name,
          const char   *shown,
          gint64        least,
          gint64        most)
{
  gint64 value;
  g_autofree char *text = NULL;
  g_autofree char *constraint = NULL;

  if (!practice_call_get_int (call, name, &value))
    return !practice_call_is_answered (call);
  if (value < least)
    constraint = g_strdup_printf ("Member must have value greater than or equal to %" G_GINT64_FORMAT, least);
  else if (value > most)
    constraint = g_strdup_printf ("Member must have value less than or equal to %" G_GINT64_FORMAT, most);
  if (constraint != NULL) {
    text = g_strdup_printf ("%" G_GINT64_FORMAT, value);
    practice_lambda_fail_constraint (call, text, shown, constraint);
    return FALSE;
  }
  json_object_set_int_member (config, name, value);
  return TRUE;
}

static gboolean
read_filters (PracticeCall *call,
              JsonObject   *config)
{
  JsonObject *criteria = practice_call_get_object (call, "FilterCriteria");
  JsonArray *filters = criteria != NULL ? practice_json_get_array (criteria, "Filters") : NULL;

  if (practice_call_is_answered (call))
    return FALSE;
  if (criteria == NULL)
    return TRUE;
  if (filters != NULL && json_array_get_length (filters) > MAX_FILTERS) {
    practice_lambda_fail (call, 400, INVALID, "The number of filters exceeds the limit of 5.");
    return FALSE;
  }
  for (guint i = 0; filters != NULL && i < json_array_get_length (filters); i++) {
    JsonNode *node = json_array_get_element (filters, i);
    const char *text = JSON_NODE_HOLDS_OBJECT (node) ? practice_json_get_string (json_node_get_object (node), "Pattern") : NULL;
    g_autoptr (PracticeEventPattern) pattern = text != NULL ? practice_event_pattern_new (text, NULL) : NULL;

    if (pattern == NULL) {
      practice_lambda_fail (call, 400, INVALID, "Invalid filter pattern definition.");
      return FALSE;
    }
  }
  if (filters == NULL || json_array_get_length (filters) == 0)
    json_object_remove_member (config, "FilterCriteria");
  else
    json_object_set_object_member (config, "FilterCriteria", json_object_ref (criteria));
  return TRUE;
}

static gboolean
read_response_types (PracticeCall *call,
                     JsonObject   *config)
{
  JsonArray *types = practice_call_get_array (call, "FunctionResponseTypes");

  if (practice_call_is_answered (call))
    return FALSE;
  if (types == NULL)
    return TRUE;
  for (guint i = 0; i < json_array_get_length (types); i++) {
    JsonNode *type = json_array_get_element (types, i);

    if (json_node_get_value_type (type) != G_TYPE_STRING || !g_str_equal (json_node_get_string (type), "ReportBatchItemFailures")) {
      practice_lambda_fail_constraint (call, "[]", "functionResponseTypes", "Member must satisfy constraint: [Member must satisfy enum value set: [ReportBatchItemFailures]]");
      return FALSE;
    }
  }
  json_object_set_array_member (config, "FunctionResponseTypes", json_array_ref (types));
  return TRUE;
}

static gboolean
read_destination (PracticeCall *call,
                  JsonObject   *config,
                  gboolean      stream)
{
  JsonObject *destination = practice_call_get_object (call, "DestinationConfig");
  JsonObject *failure = destination != NULL ? practice_json_get_object (destination, "OnFailure") : NULL;
  const char *arn = failure != NULL ? practice_json_get_string (failure, "Destination") : NULL;
  JsonObject *kept = NULL;

  if (practice_call_is_answered (call))
    return FALSE;
  if (destination == NULL)
    return TRUE;
  if (json_object_has_member (destination, "OnSuccess") || (!stream && arn != NULL)) {
    practice_lambda_fail (call, 400, INVALID, "Unsupported DestinationConfig parameter for given event source mapping type.");
    return FALSE;
  }
  if (arn != NULL && *arn != '\0' && !g_str_has_prefix (arn, "arn:aws:sqs:") && !g_str_has_prefix (arn, "arn:aws:sns:")) {
    practice_lambda_fail (call, 400, INVALID, "The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=%s)) is invalid.", arn);
    return FALSE;
  }
  kept = json_object_new ();
  json_object_set_object_member (kept, "OnFailure", json_object_new ());
  if (arn != NULL && *arn != '\0')
    json_object_set_string_member (json_object_get_object_member (kept, "OnFailure"), "Destination", arn);
  json_object_set_object_member (config, "DestinationConfig", kept);
  return TRUE;
}

static gboolean
read_scaling (PracticeCall *call,
              JsonObject   *config)
{
  JsonObject *scaling = practice_call_get_object (call, "ScalingConfig");
  JsonNode *most = scaling != NULL ? json_object_get_member (scaling, "MaximumConcurrency") : NULL;
  gint64 value = most != NULL && json_node_get_value_type (most) == G_TYPE_INT64 ? json_node_get_int (most) : 0;

  if (practice_call_is_answered (call))
    return FALSE;
  if (scaling == NULL)
    return TRUE;
  if (most == NULL) {
    json_object_remove_member (config, "ScalingConfig");
    return TRUE;
  }
  if (value < 2 || value > 1000) {
    practice_lambda_fail_constraint (call, "", "scalingConfig.maximumConcurrency", "Member must have value between 2 and 1000");
    return FALSE;
  }
  json_object_set_object_member (config, "ScalingConfig", json_object_ref (scaling));
  return TRUE;
}

static gboolean
read_starting_position (PracticeCall *call,
                        JsonObject   *config,
                        const char   *source_arn,
                        gboolean      stream)
{
  const char *position = practice_call_get_string (call, "StartingPosition");

  if (practice_call_is_answered (call))
    return FALSE;
  if (position != NULL && !g_str_equal (position, "LATEST") && !g_str_equal (position, "TRIM_HORIZON") && !g_str_equal (position, "AT_TIMESTAMP"))
    practice_lambda_fail_constraint (call, position, "startingPosition", "Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]");
  else if (!stream && position != NULL)
    practice_lambda_fail (call, 400, INVALID, "StartingPosition is not valid for SQS event sources.");
  else if (stream && position == NULL)
    practice_lambda_fail (call, 400, INVALID, "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.");
  else if (stream && g_str_equal (position, "AT_TIMESTAMP"))
    practice_lambda_fail (call, 400, INVALID, "Unsupported starting position for arn type: %s", source_arn);
  else if (stream)
    json_object_set_string_member (config, "StartingPosition", position);
  return !practice_call_is_answered (call);
}

static JsonObject *
make_defaults (gboolean stream)
{
  JsonObject *config = json_object_new ();

  json_object_set_int_member (config, "BatchSize", stream ? 100 : 10);
  json_object_set_int_member (config, "MaximumBatchingWindowInSeconds", 0);
  json_object_set_array_member (config, "FunctionResponseTypes", json_array_new ());
  if (stream) {
    JsonObject *destination = json_object_new ();

    json_object_set_object_member (destination, "OnFailure", json_object_new ());
    json_object_set_object_member (config, "DestinationConfig", destination);
    json_object_set_int_member (config, "ParallelizationFactor", 1);
    json_object_set_int_member (config, "MaximumRecordAgeInSeconds", -1);
    json_object_set_int_member (config, "MaximumRetryAttempts", -1);
    json_object_set_boolean_member (config, "BisectBatchOnFunctionError", FALSE);
    json_object_set_int_member (config, "TumblingWindowInSeconds", 0);
  }
  return config;
}

static JsonObject *
copy_config (JsonObject *old)
{
  JsonObject *config = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, old);
  while (json_object_iter_next (&iter, &name, &value))
    json_object_set_member (config, name, json_node_copy (value));
  return config;
}

static gboolean
check_batch (PracticeCall *call,
             JsonObject   *config,
             const char   *source_arn)
{
  gint64 size = json_object_get_int_member (config, "BatchSize");
  gint64 window = json_object_get_int_member (config, "MaximumBatchingWindowInSeconds");

  if (g_str_has_suffix (source_arn, ".fifo")) {
    if (size > 10)
      practice_lambda_fail (call, 400, INVALID, "The maximum batch size for FIFO queues is 10.");
    else if (window > 0)
      practice_lambda_fail (call, 400, INVALID, "Batching window is not supported for FIFO queues.");
  } else if (size > 10 && window == 0) {
    practice_lambda_fail (call, 400, INVALID, "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10");
  }
  return !practice_call_is_answered (call);
}

JsonObject *
practice_mapping_read_config (PracticeCall     *call,
                              const char       *source_arn,
                              PracticeFunction *function,
                              JsonObject       *old)
{
  gboolean stream = practice_mapping_is_stream (source_arn);
  g_autoptr (JsonObject) config = old != NULL ? copy_config (old) : make_defaults (stream);
  gboolean bisect = FALSE;

  if (!read_destination (call, config, stream) ||
      (old == NULL && !read_starting_position (call, config, source_arn, stream)) ||
      !read_int (call, config, "BatchSize", "batchSize", 1, 10000) ||
      !read_int (call, config, "MaximumBatchingWindowInSeconds", "maximumBatchingWindowInSeconds", 0, 300))
    return NULL;
  if (stream) {
    if (!read_int (call, config, "ParallelizationFactor", "parallelizationFactor", 1, 10) ||
        !read_int (call, config, "MaximumRecordAgeInSeconds", "maximumRecordAgeInSeconds", -1, 604800) ||
        !read_int (call, config, "MaximumRetryAttempts", "maximumRetryAttempts", -1, 10000) ||
        !read_int (call, config, "TumblingWindowInSeconds", "tumblingWindowInSeconds", 0, 900))
      return NULL;
    if (json_object_get_int_member (config, "TumblingWindowInSeconds") > 0) {
      practice_lambda_fail (call, 400, INVALID, "The practice cloud has no tumbling windows.");
      return NULL;
    }
    if (practice_call_get_boolean (call, "BisectBatchOnFunctionError", &bisect))
      json_object_set_boolean_member (config, "BisectBatchOnFunctionError", bisect);
  } else if (!check_batch (call, config, source_arn) || !read_scaling (call, config)) {
    return NULL;
  }
  if (practice_call_is_answered (call))
    return NULL;
  if (function == NULL) {
    practice_lambda_fail (call, 400, INVALID, "Function does not exist");
    return NULL;
  }
  if (!read_filters (call, config) || !read_response_types (call, config))
    return NULL;
  return g_steal_pointer (&config);
}

char *
practice_mapping_queue_url (PracticeServer *server,
                            const char     *queue_arn)
{
  g_auto (GStrv) parts = g_strsplit (queue_arn, ":", 6);

  return g_strdup_printf ("%s/%s/%s", practice_server_get_url (server), parts[4], parts[5]);
}

/* What the account itself is told about a queue or stream: the answer's result, or its error. */
typedef struct {
  JsonObject *result;
  char       *code;
  char       *message;
} Told;

static void
told_clear (Told *told)
{
  g_clear_pointer (&told->result, json_object_unref);
  g_clear_pointer (&told->code, g_free);
  g_clear_pointer (&told->message, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Told, told_clear)

static void
on_told (const PracticeAnswer *answer,
         gpointer              data)
{
  Told *told = data;

  told->result = answer->result != NULL ? json_object_ref (answer->result) : NULL;
  told->code = g_strdup (answer->code);
  told->message = g_strdup (answer->message);
}

/* The operations used here answer before the call returns. */
static void
ask (PracticeCall *call,
     const char   *service,
     const char   *operation,
     JsonObject   *params,
     Told         *told)
{
  PracticeServer *server = practice_call_get_server (call);
  g_autofree char *arn = g_strdup_printf ("arn:aws:iam::%s:root", practice_call_get_account (call));
  g_autoptr (PracticePrincipal) root = practice_principal_new (PRACTICE_PRINCIPAL_ROOT, arn, practice_call_get_account (call));

  practice_server_call (server, root, service, operation, practice_call_get_region (call), params, NULL, on_told, told);
}

/* Whether the function's role may @action on the source; says so with @text (one %s: the action's name) otherwise. */
static gboolean
check_permission (PracticeCall      *call,
                  PracticeFunction  *function,
                  const char        *action,
                  const char        *source_arn,
                  const char        *policy,
                  const char        *text)
{
  PracticeServer *server = practice_call_get_server (call);
  PracticeIam *iam = practice_server_get_iam (server);
  g_autoptr (AwsCredentials) credentials = NULL;
  g_autoptr (PracticePrincipal) principal = practice_iam_open_session (iam, function->role, function->name, 60, &credentials);
  g_autofree char *message = NULL;
  gboolean allowed;

  if (principal == NULL) {
    practice_lambda_fail (call, 400, INVALID, "The role defined for the function cannot be assumed by Lambda.");
    return FALSE;
  }
  allowed = practice_iam_is_allowed (iam, principal, action, source_arn, policy, NULL, &message);
  if (!allowed) {
    practice_events_emit_strings (practice_server_get_events (server), "denied", "principal", principal->arn, "roleArn", function->role, "action", action,
                                  "resource", source_arn, "message", message, "service", "lambda", "region", function->region, NULL);
    practice_lambda_fail (call, 400, INVALID, "%s", text);
  }
  practice_iam_close_session (iam, credentials);
  return allowed;
}

static gboolean
check_queue (PracticeCall     *call,
             const char       *source_arn,
             PracticeFunction *function)
{
  static const char *const actions[] = { "ReceiveMessage", "DeleteMessage", "GetQueueAttributes" };
  JsonObject *params = json_object_new ();
  JsonArray *names = json_array_new ();
  g_autofree char *url = practice_mapping_queue_url (practice_call_get_server (call), source_arn);
  g_auto (Told) told = { 0 };
  JsonObject *attributes = NULL;
  const char *text = NULL;
  gint64 visibility = 30;

  json_object_set_string_member (params, "QueueUrl", url);
  json_array_add_string_element (names, "All");
  json_object_set_array_member (params, "AttributeNames", names);
  ask (call, "sqs", "GetQueueAttributes", params, &told);
  if (told.code != NULL) {
    practice_lambda_fail (call, 400, INVALID, "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
                          "SQS Error Message: The specified queue does not exist.");
    return FALSE;
  }
  attributes = told.result != NULL ? practice_json_get_object (told.result, "Attributes") : NULL;
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++) {
    g_autofree char *action = g_strconcat ("sqs:", actions[i], NULL);
    g_autofree char *sentence = g_strdup_printf ("The provided execution role does not have permissions to call %s on SQS", actions[i]);

    if (!check_permission (call, function, action, source_arn, attributes != NULL ? practice_json_get_string (attributes, "Policy") : NULL, sentence))
      return FALSE;
  }
  text = attributes != NULL ? practice_json_get_string (attributes, "VisibilityTimeout") : NULL;
  if (text != NULL)
    g_ascii_string_to_signed (text, 10, 0, G_MAXINT32, &visibility, NULL);
  if (visibility < function->timeout)
    practice_lambda_fail (call, 400, INVALID, "Queue visibility timeout: %" G_GINT64_FORMAT " seconds is less than Function timeout: %" G_GINT64_FORMAT " seconds",
                          visibility, function->timeout);
  return !practice_call_is_answered (call);
}

static gboolean
check_stream (PracticeCall     *call,
              const char       *source_arn,
              PracticeFunction *function,
              JsonObject       *config)
{
  static const char *const actions[] = { "dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords", "dynamodb:ListStreams" };
  JsonObject *params = json_object_new ();
  g_auto (Told) told = { 0 };
  g_autofree char *sentence = g_strdup_printf ("Cannot access stream %s. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, "
                                               "and ListStreams Actions on your stream in IAM.", source_arn);

  json_object_set_string_member (params, "StreamArn", source_arn);
  ask (call, "dynamodb", "DescribeStream", params, &told);
  if (told.code != NULL) {
    practice_lambda_fail (call, 400, INVALID, "Stream not found: %s", source_arn);
    return FALSE;
  }
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++) {
    if (!check_permission (call, function, actions[i], source_arn, NULL, sentence))
      return FALSE;
  }
  return TRUE;
}

gboolean
practice_mapping_check_source (PracticeCall     *call,
                               const char       *source_arn,
                               PracticeFunction *function,
                               JsonObject       *config)
{
  if (practice_mapping_is_stream (source_arn))
    return check_stream (call, source_arn, function, config);
  return check_queue (call, source_arn, function);
}
