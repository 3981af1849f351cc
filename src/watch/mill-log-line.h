/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum {
  MILL_LOG_LINE_OWN,       /* the function's own */
  MILL_LOG_LINE_START,
  MILL_LOG_LINE_END,
  MILL_LOG_LINE_REPORT,
  MILL_LOG_LINE_ERROR,     /* what the handler raised */
  MILL_LOG_LINE_TIMEOUT,
  MILL_LOG_LINE_EXIT,      /* the process ended */
  MILL_LOG_LINE_PLATFORM,  /* of no run: an environment that is made ready, an extension */
} MillLogLineKind;

/**
 * MillLogLine:
 * @request_id: (nullable): the invocation's, where the line names it
 * @status: (nullable): of REPORT: "timeout" "error" "failure"; NULL where all went well
 * @success: of REPORT: it says that all went well, whatever errors were logged. In the text format it never does.
 * @error_type, @error_message: (nullable)
 * @duration, @billed, @init: of REPORT, in milliseconds; @init is 0 where the function was warm
 * @memory, @memory_used: of REPORT, in megabytes
 *
 * What a line of a Lambda function's log says, in the text format or the JSON format of Lambda's own lines (AWS Lambda Developer Guide, "Log
 * formats"), and in the words that the Python and the Node.js runtime have for an error.
 */
typedef struct {
  MillLogLineKind kind;
  char           *request_id;
  char           *status;
  gboolean        success;
  char           *error_type;
  char           *error_message;
  double          duration;
  double          billed;
  double          init;
  guint           memory;
  guint           memory_used;
} MillLogLine;

/* (transfer full): never NULL; whatever is not understood is a line of the function's own. */
MillLogLine *mill_log_line_parse (const char  *text);
void         mill_log_line_free  (MillLogLine *self);
/*
 * (transfer full): the object that the function wrote as a line, by itself or through its runtime's logger, which puts level, time and the
 * invocation's id around it; NULL where it is no object.
 */
JsonObject  *mill_log_line_read_object (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillLogLine, mill_log_line_free)

G_END_DECLS
