/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-private.h"

#include <string.h>

#include "practice-json.h"
#include "practice-lambda-archive.h"
#include "practice-resources.h"

#define MAX_ZIP 52428800
#define MAX_ENVIRONMENT 4096
#define ROLE_PATTERN "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+"

/* What the runtime sets itself (Lambda Developer Guide, "Reserved environment variables"). */
static const char *const reserved[] = {
  "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", NULL
};

/* The runtimes of the data file: what they are and until when functions may be made with them. */
static JsonArray *
get_runtimes (void)
{
  static JsonNode *root = NULL;

  if (root == NULL) {
    g_autoptr (GBytes) bytes = g_resource_lookup_data (practice_get_resource (), "/io/github/millrace/practice/runtimes.json", 0, NULL);

    root = bytes != NULL ? practice_json_parse (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), NULL) : NULL;
  }
  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? practice_json_get_array (json_node_get_object (root), "runtimes") : NULL;
}

static gboolean
check_runtime (PracticeCall *call,
               const char   *runtime,
               gboolean      creating)
{
  JsonArray *runtimes = get_runtimes ();
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *today = g_date_time_format (now, "%Y-%m-%d");

  for (guint i = 0; runtimes != NULL && i < json_array_get_length (runtimes); i++) {
    JsonObject *known = json_array_get_object_element (runtimes, i);
    const char *name = practice_json_get_string (known, "name");
    const char *blocked = practice_json_get_string (known, creating ? "blockCreate" : "blockUpdate");

    if (g_strcmp0 (name, runtime) == 0) {
      if (g_strcmp0 (today, blocked) >= 0)
        practice_lambda_fail (call, 400, "InvalidParameterValueException", "The runtime parameter of %s is no longer supported for creating or updating AWS Lambda "
                              "functions. We recommend you use a supported runtime while creating or updating functions.", runtime);
      return !practice_call_is_answered (call);
    }
    if (g_strcmp0 (today, practice_json_get_string (known, "blockCreate")) < 0)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
  }
  practice_lambda_fail (call, 400, "InvalidParameterValueException", "Value %s at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
                        "[%s] or be a valid ARN", runtime, names->str);
  return FALSE;
}

static gboolean
check_range (PracticeCall *call,
             const char   *param,
             const char   *shown,
             gint64        least,
             gint64        most,
             gint64       *value)
{
  gint64 given;
  g_autofree char *text = NULL;
  g_autofree char *constraint = NULL;

  if (!practice_call_get_int (call, param, &given))
    return !practice_call_is_answered (call);
  if (given < least)
    constraint = g_strdup_printf ("Member must have value greater than or equal to %" G_GINT64_FORMAT, least);
  else if (given > most)
    constraint = g_strdup_printf ("Member must have value less than or equal to %" G_GINT64_FORMAT, most);
  if (constraint != NULL) {
    text = g_strdup_printf ("%" G_GINT64_FORMAT, given);
    practice_lambda_fail_constraint (call, text, shown, constraint);
    return FALSE;
  }
  *value = given;
  return TRUE;
}

static gboolean
apply_role (PracticeCall     *call,
            PracticeFunction *function,
            gboolean          creating)
{
  const char *role = practice_call_get_string (call, "Role");
  PracticeServer *server = practice_call_get_server (call);
  g_autoptr (JsonObject) context = NULL;

  if (role == NULL) {
    if (creating)
      practice_lambda_fail_constraint (call, NULL, "role", "Member must not be null");
    return !practice_call_is_answered (call);
  }
  if (!g_regex_match_simple ("^arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+$", role, 0, 0)) {
    practice_lambda_fail_constraint (call, role, "role", "Member must satisfy regular expression pattern: " ROLE_PATTERN);
    return FALSE;
  }
  context = json_object_new ();
  json_object_set_string_member (context, "iam:PassedToService", "lambda.amazonaws.com");
  if (!practice_call_allow (call, "iam:PassRole", role, NULL, context))
    return FALSE;
  if (!practice_iam_can_assume (practice_server_get_iam (server), role, "lambda.amazonaws.com")) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.");
    return FALSE;
  }
  g_free (function->role);
  function->role = g_strdup (role);
  return TRUE;
}

static gboolean
apply_handler (PracticeCall     *call,
               PracticeFunction *function,
               gboolean          creating)
{
  const char *handler = practice_call_get_string (call, "Handler");
  const char *runtime = practice_call_get_string (call, "Runtime");

  if (practice_call_is_answered (call))
    return FALSE;
  if (creating && runtime == NULL) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Runtime and Handler are mandatory parameters for functions created with deployment packages.");
    return FALSE;
  }
  if (runtime != NULL && !check_runtime (call, runtime, creating))
    return FALSE;
  if (creating && handler == NULL) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Runtime and Handler are mandatory parameters for functions created with deployment packages.");
    return FALSE;
  }
  if (handler != NULL && (strlen (handler) > 128 || *handler == '\0' || strpbrk (handler, " \t\r\n") != NULL)) {
    practice_lambda_fail_constraint (call, handler, "handler", strlen (handler) > 128 ? "Member must have length less than or equal to 128"
                                                                                      : "Member must satisfy regular expression pattern: [^\\s]+");
    return FALSE;
  }
  if (runtime != NULL) {
    g_free (function->runtime);
    function->runtime = g_strdup (runtime);
  }
  if (handler != NULL) {
    g_free (function->handler);
    function->handler = g_strdup (handler);
  }
  return TRUE;
}

static gboolean
check_variable (PracticeCall *call,
                const char   *name,
                JsonNode     *value)
{
  if (!g_regex_match_simple ("^[a-zA-Z]([a-zA-Z0-9_])+$", name, 0, 0)) {
    practice_lambda_fail (call, 400, "ValidationException", "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: "
                          "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]");
  } else if (g_strv_contains (reserved, name)) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Lambda was unable to configure your environment variables because the environment "
                          "variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this "
                          "request: %s", name);
  } else if (!practice_json_is_string (value)) {
    practice_call_fail (call, 400, "SerializationException", "The value of the environment variable %s is not a string", name);
  }
  return !practice_call_is_answered (call);
}

static gboolean
apply_environment (PracticeCall     *call,
                   PracticeFunction *function)
{
  JsonObject *environment = practice_call_get_object (call, "Environment");
  JsonObject *variables = NULL;
  g_autofree char *text = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (practice_call_is_answered (call))
    return FALSE;
  if (environment == NULL)
    return TRUE;
  variables = practice_json_get_object (environment, "Variables");
  if (variables != NULL) {
    json_object_iter_init (&iter, variables);
    while (json_object_iter_next (&iter, &name, &value)) {
      if (!check_variable (call, name, value))
        return FALSE;
    }
    text = practice_json_object_to_text (variables);
    if (strlen (text) > MAX_ENVIRONMENT) {
      practice_lambda_fail (call, 400, "InvalidParameterValueException", "Lambda was unable to configure your environment variables because the environment "
                            "variables you have provided exceeded the 4KB limit. String measured: %s", text);
      return FALSE;
    }
  }
  g_free (function->environment);
  function->environment = variables != NULL && json_object_get_size (variables) > 0 ? g_steal_pointer (&text) : NULL;
  return TRUE;
}

static gboolean
apply_architecture (PracticeCall     *call,
                    PracticeFunction *function)
{
  JsonArray *architectures = practice_call_get_array (call, "Architectures");
  JsonNode *first = architectures != NULL && json_array_get_length (architectures) > 0 ? json_array_get_element (architectures, 0) : NULL;
  const char *name = practice_json_node_get_string (first);

  if (practice_call_is_answered (call))
    return FALSE;
  if (architectures == NULL)
    return TRUE;
  if (json_array_get_length (architectures) > 1) {
    practice_lambda_fail_constraint (call, "[x86_64, arm64]", "architectures", "Member must have length less than or equal to 1");
    return FALSE;
  }
  if (g_strcmp0 (name, "x86_64") != 0 && g_strcmp0 (name, "arm64") != 0) {
    g_autofree char *shown = g_strdup_printf ("[%s]", name != NULL ? name : "");

    practice_lambda_fail_constraint (call, shown, "architectures",
                                     "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]");
    return FALSE;
  }
  g_free (function->architecture);
  function->architecture = g_strdup (name);
  return TRUE;
}

static gboolean
apply_rest (PracticeCall     *call,
            PracticeFunction *function)
{
  const char *description = practice_call_get_string (call, "Description");
  JsonObject *storage = practice_call_get_object (call, "EphemeralStorage");
  JsonObject *tracing = practice_call_get_object (call, "TracingConfig");
  JsonArray *layers = practice_call_get_array (call, "Layers");
  const char *mode = tracing != NULL ? practice_json_get_string (tracing, "Mode") : NULL;

  if (practice_call_is_answered (call))
    return FALSE;
  if (description != NULL && g_utf8_strlen (description, -1) > 256) {
    practice_lambda_fail_constraint (call, description, "description", "Member must have length less than or equal to 256");
    return FALSE;
  }
  if (description != NULL) {
    g_free (function->description);
    function->description = g_strdup (description);
  }
  if (storage != NULL) {
    JsonNode *size = json_object_get_member (storage, "Size");
    gint64 value = size != NULL && json_node_get_value_type (size) == G_TYPE_INT64 ? json_node_get_int (size) : 0;

    if (value < 512 || value > 10240) {
      practice_lambda_fail_constraint (call, "", "ephemeralStorage.size", "Member must have value between 512 and 10240");
      return FALSE;
    }
    function->storage = value;
  }
  if (mode != NULL && !g_str_equal (mode, "Active") && !g_str_equal (mode, "PassThrough")) {
    practice_lambda_fail_constraint (call, mode, "tracingConfig.mode", "Member must satisfy enum value set: [Active, PassThrough]");
    return FALSE;
  }
  if (mode != NULL) {
    g_free (function->tracing);
    function->tracing = g_strdup (mode);
  }
  if (layers != NULL) {
    char *resolved = practice_lambda_resolve_layers (call, layers);

    if (resolved == NULL)
      return FALSE;
    g_free (function->layers);
    function->layers = resolved;
  }
  return apply_architecture (call, function);
}

gboolean
practice_lambda_apply_settings (PracticeCall     *call,
                                PracticeFunction *function,
                                gboolean          creating)
{
  return check_range (call, "Timeout", "timeout", 1, 900, &function->timeout) &&
         check_range (call, "MemorySize", "memorySize", 128, 10240, &function->memory) &&
         apply_handler (call, function, creating) &&
         apply_environment (call, function) &&
         apply_rest (call, function) &&
         apply_role (call, function, creating);
}

GBytes *
practice_lambda_get_zip (PracticeCall *call,
                         JsonObject   *params,
                         char        **sha)
{
  const char *text = params != NULL ? practice_json_get_string (params, "ZipFile") : NULL;
  g_autoptr (GChecksum) checksum = NULL;
  g_autoptr (GBytes) zip = NULL;
  g_autoptr (GError) error = NULL;
  guint8 digest[32];
  gsize length = sizeof digest;
  guchar *bytes = NULL;
  gsize size = 0;

  if (practice_call_is_answered (call))
    return NULL;
  if (text == NULL) {
    if (params != NULL && json_object_has_member (params, "S3Bucket"))
      practice_lambda_fail (call, 400, "InvalidParameterValueException", "The practice cloud takes a function's code as ZipFile, not from S3.");
    else
      practice_lambda_fail (call, 400, "InvalidParameterValueException", "Please provide a source for function code.");
    return NULL;
  }
  bytes = g_base64_decode (text, &size);
  zip = g_bytes_new_take (bytes, size);
  if (size > MAX_ZIP) {
    practice_lambda_fail (call, 413, "RequestEntityTooLargeException", "Zipped size must be smaller than %d bytes", MAX_ZIP);
    return NULL;
  }
  if (!practice_archive_extract (zip, NULL, NULL, &error)) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "%s", error->message);
    return NULL;
  }
  checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, g_bytes_get_data (zip, NULL), (gssize) size);
  g_checksum_get_digest (checksum, digest, &length);
  g_free (*sha);
  *sha = g_base64_encode (digest, length);
  return g_steal_pointer (&zip);
}
