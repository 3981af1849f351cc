/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-log-line.h"

#include <string.h>

#include "aws-json.h"

/* Ids are UUIDs; nobody makes a longer one. */
#define MOST_ID 64

static char *
word_at (const char *text)
{
  gsize length = strcspn (text, " \t\r\n");

  return length > 0 && length <= MOST_ID ? g_strndup (text, length) : NULL;
}

/* "START RequestId: 8f50… Version: $LATEST" */
static gboolean
take_id (const char  *text,
         const char  *prefix,
         char       **id)
{
  if (!g_str_has_prefix (text, prefix))
    return FALSE;
  *id = word_at (text + strlen (prefix));
  return *id != NULL;
}

/* "\tDuration: 3.12 ms": names stand behind a tab, so that "Billed Duration" is another one. */
static double
number_after (const char *text,
              const char *name)
{
  const char *found = strstr (text, name);
  double value = found != NULL ? g_ascii_strtod (found + strlen (name), NULL) : 0;

  /* No number that a log has is larger than a week in milliseconds; nan and inf are no numbers here. */
  return value >= 0 && value <= 1e9 ? value : 0;
}

static void
parse_report (MillLogLine *self,
              const char  *text)
{
  const char *status = strstr (text, "\tStatus: ");
  const char *type = strstr (text, "\tError Type: ");

  self->duration = number_after (text, "\tDuration: ");
  self->billed = number_after (text, "\tBilled Duration: ");
  self->init = number_after (text, "\tInit Duration: ");
  self->memory = number_after (text, "\tMemory Size: ");
  self->memory_used = number_after (text, "\tMax Memory Used: ");
  if (status != NULL)
    self->status = word_at (status + strlen ("\tStatus: "));
  if (type != NULL)
    self->error_type = word_at (type + strlen ("\tError Type: "));
}

/* "TYPE: message", up to the end of the line or the traceback. */
static void
parse_error (MillLogLine *self,
             const char  *text)
{
  const char *colon = strstr (text, ": ");
  const char *traceback = strstr (text, "Traceback (most recent call last):");
  /* Lines end with a newline, or a carriage return where all of it has to be one line. */
  const char *end = traceback != NULL && traceback > text && strchr ("\r\n", traceback[-1]) != NULL ? traceback : text + strlen (text);

  self->kind = MILL_LOG_LINE_ERROR;
  if (colon != NULL && colon < end && memchr (text, ' ', colon - text) == NULL)
    {
      self->error_type = g_strndup (text, colon - text);
      text = colon + 2;
    }
  self->error_message = g_strchomp (g_strndup (text, end - text));
}

/* Node.js: "2024-01-01T00:00:00.000Z\tRID\tERROR\tInvoke Error \t{"errorType":…,"errorMessage":…}" */
static gboolean
parse_node_error (MillLogLine *self,
                  const char  *text)
{
  const char *error = strstr (text, "\tERROR\tInvoke Error ");
  const char *brace = error != NULL ? strchr (error, '{') : NULL;
  const char *tab = strchr (text, '\t');
  g_autoptr (JsonObject) object = NULL;

  if (brace == NULL || tab == NULL || tab >= error)
    return FALSE;
  object = aws_json_parse_object (brace, -1, NULL);
  if (object == NULL)
    return FALSE;
  self->kind = MILL_LOG_LINE_ERROR;
  self->request_id = word_at (tab + 1);
  self->error_type = g_strdup (aws_json_get_string (object, "errorType"));
  self->error_message = g_strdup (aws_json_get_string (object, "errorMessage"));
  return TRUE;
}

static double
get_number (JsonObject *object,
            const char *path)
{
  JsonNode *node = aws_json_get_node (object, path);
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;
  double value = type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : 0;

  return value >= 0 && value <= 1e9 ? value : 0;
}

/* A copy of @text where it can be an id. */
static char *
dup_id (const char *text)
{
  return text != NULL && *text != '\0' && strlen (text) <= MOST_ID ? g_strdup (text) : NULL;
}

/* {"time": …, "type": "platform.start", "record": {"requestId": …}} */
static gboolean
parse_platform (MillLogLine *self,
                JsonObject  *object,
                const char  *type)
{
  static const struct { const char *type; MillLogLineKind kind; } types[] = {
    { "platform.start", MILL_LOG_LINE_START }, { "platform.runtimeDone", MILL_LOG_LINE_END }, { "platform.report", MILL_LOG_LINE_REPORT },
  };
  const char *status = aws_json_get_string (object, "record.status");

  if (aws_json_get_object (object, "record") == NULL)
    return FALSE;
  self->kind = MILL_LOG_LINE_PLATFORM;
  self->request_id = dup_id (aws_json_get_string (object, "record.requestId"));
  for (guint i = 0; self->request_id != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (types[i].type, type))
      self->kind = types[i].kind;
  if (self->kind == MILL_LOG_LINE_PLATFORM)
    return TRUE;
  self->success = g_strcmp0 (status, "success") == 0;
  if (status != NULL && !self->success)
    self->status = g_strdup (status);
  self->error_type = g_strdup (aws_json_get_string (object, "record.errorType"));
  self->duration = get_number (object, "record.metrics.durationMs");
  self->billed = get_number (object, "record.metrics.billedDurationMs");
  self->init = get_number (object, "record.metrics.initDurationMs");
  self->memory = get_number (object, "record.metrics.memorySizeMB");
  self->memory_used = get_number (object, "record.metrics.maxMemoryUsedMB");
  return TRUE;
}

/* The JSON format: lines of the platform, and what a runtime's logger made of the function's: {"level": "INFO", "message": …, "requestId": …} */
static void
parse_json (MillLogLine *self,
            const char  *text)
{
  g_autoptr (JsonObject) object = NULL;
  const char *type, *level;

  /* Most lines are no such line: look before parsing. */
  if (strstr (text, "\"platform.") == NULL && strstr (text, "equestId\"") == NULL)
    return;
  object = aws_json_parse_object (text, -1, NULL);
  if (object == NULL)
    return;
  type = aws_json_get_string (object, "type");
  if (type != NULL && g_str_has_prefix (type, "platform.") && parse_platform (self, object, type))
    return;
  level = aws_json_get_string (object, "level");
  if (level == NULL)
    level = aws_json_get_string (object, "log_level");
  if (level == NULL)
    return;
  self->request_id = dup_id (aws_json_get_string (object, "requestId"));
  if (self->request_id == NULL)
    self->request_id = dup_id (aws_json_get_string (object, "AWSRequestId"));
  if (!g_str_equal (level, "ERROR") || aws_json_get_string (object, "errorType") == NULL)
    return;
  self->kind = MILL_LOG_LINE_ERROR;
  self->error_type = g_strdup (aws_json_get_string (object, "errorType"));
  self->error_message = g_strdup (aws_json_get_string (object, "errorMessage"));
}

/* "[INFO]\tTIME\tRID\tmessage" of Python's logger, "TIME\tRID\tINFO\tmessage" of Node.js's console */
static void
parse_logged (MillLogLine *self,
              const char  *text)
{
  g_auto (GStrv) parts = strchr (text, '\t') != NULL ? g_strsplit (text, "\t", 4) : NULL;

  if (parts == NULL || g_strv_length (parts) < 4)
    return;
  for (guint i = 1; i <= 2 && self->request_id == NULL; i++)
    if (g_uuid_string_is_valid (parts[i]))
      self->request_id = g_strdup (parts[i]);
}

static gboolean
is_platform (const char *text)
{
  static const char *const prefixes[] = { "INIT_START ", "INIT_REPORT ", "RESTORE_START ", "RESTORE_REPORT ", "EXTENSION\tName: ", "TELEMETRY\tName: ", "LOGS\tName: " };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (text, prefixes[i]))
      return TRUE;
  return FALSE;
}

/* "2024-01-01T00:00:00.000Z RID Task timed out after 3.00 seconds" */
static gboolean
parse_timeout (MillLogLine *self,
               const char  *text)
{
  const char *found = strstr (text, " Task timed out after ");
  const char *id = strchr (text, ' ');
  g_autofree char *sentence = NULL;

  if (found == NULL || !g_ascii_isdigit (text[0]) || id == NULL || id >= found)
    return FALSE;
  self->request_id = word_at (id + 1);
  if (self->request_id == NULL || id + 1 + strlen (self->request_id) != found)
    {
      g_clear_pointer (&self->request_id, g_free);
      return FALSE;
    }
  sentence = g_strndup (found + 1, strcspn (found + 1, "\r\n"));
  self->kind = MILL_LOG_LINE_TIMEOUT;
  self->error_type = g_strdup ("Sandbox.Timedout");
  self->error_message = g_strdup_printf ("RequestId: %s Error: %s", self->request_id, g_strchomp (sentence));
  return TRUE;
}

/* "RequestId: RID Error: Runtime exited with error: signal: killed\nRuntime.ExitError" */
static gboolean
parse_exit (MillLogLine *self,
            const char  *text)
{
  g_autofree char *id = NULL;
  const char *newline = strchr (text, '\n');

  if (!take_id (text, "RequestId: ", &id) || strstr (text, " Error: Runtime exited") == NULL)
    return FALSE;
  self->kind = MILL_LOG_LINE_EXIT;
  self->request_id = g_steal_pointer (&id);
  self->error_message = newline != NULL ? g_strndup (text, newline - text) : g_strdup (text);
  self->error_type = newline != NULL ? word_at (newline + 1) : NULL;
  if (self->error_type == NULL)
    self->error_type = g_strdup ("Runtime.ExitError");
  return TRUE;
}

MillLogLine *
mill_log_line_parse (const char *text)
{
  MillLogLine *self = g_new0 (MillLogLine, 1);

  if (take_id (text, "START RequestId: ", &self->request_id))
    self->kind = MILL_LOG_LINE_START;
  else if (take_id (text, "END RequestId: ", &self->request_id))
    self->kind = MILL_LOG_LINE_END;
  else if (take_id (text, "REPORT RequestId: ", &self->request_id))
    {
      self->kind = MILL_LOG_LINE_REPORT;
      parse_report (self, text);
    }
  else if (g_str_has_prefix (text, "[ERROR] "))
    parse_error (self, text + strlen ("[ERROR] "));
  else if (text[0] == '{')
    parse_json (self, text);
  else if (is_platform (text))
    self->kind = MILL_LOG_LINE_PLATFORM;
  else if (!parse_timeout (self, text) && !parse_exit (self, text) && !parse_node_error (self, text))
    parse_logged (self, text);
  return self;
}

JsonObject *
mill_log_line_read_object (const char *text)
{
  const char *tab = text[0] != '{' ? strstr (text, "\t{") : NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonObject *inner;
  const char *message;

  if (text[0] != '{' && tab == NULL)
    return NULL;
  object = aws_json_parse_object (tab != NULL ? tab + 1 : text, -1, NULL);
  if (object == NULL || tab != NULL || !json_object_has_member (object, "level") || !json_object_has_member (object, "message"))
    return g_steal_pointer (&object);
  inner = aws_json_get_object (object, "message");
  if (inner != NULL)
    return json_object_ref (inner);
  message = aws_json_get_string (object, "message");
  return message != NULL && message[0] == '{' ? aws_json_parse_object (message, -1, NULL) : NULL;
}

void
mill_log_line_free (MillLogLine *self)
{
  g_free (self->request_id);
  g_free (self->status);
  g_free (self->error_type);
  g_free (self->error_message);
  g_free (self);
}
