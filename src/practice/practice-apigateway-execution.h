/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-apigateway-program.h"
#include "practice-vtl-objects.h"

G_BEGIN_DECLS

/* Header names and values, in order; names compare without case. */
typedef struct { char *name; char *value; } ApigwHeader;

void         apigw_headers_add    (GPtrArray  *headers,
                                   const char *name,
                                   const char *value);
/* Replaces all of that name. */
void         apigw_headers_set    (GPtrArray  *headers,
                                   const char *name,
                                   const char *value);
/* The first of that name, or NULL. */
const char  *apigw_headers_get    (GPtrArray  *headers,
                                   const char *name);
GPtrArray   *apigw_headers_new    (void);

typedef struct _ApigwExecution ApigwExecution;
typedef void (*ApigwDone) (ApigwExecution *execution,
                           gpointer        data);

/**
 * ApigwExecution:
 *
 * One request on its way: method request, integration request, integration, integration response, method response.
 */
struct _ApigwExecution {
  PracticeApiGateway *gateway;
  ApigwProgram       *program;
  ApigwMethod        *method;
  gboolean            test;           /* TestInvokeMethod */

  /* what came */
  char               *request_id;
  char               *extended_id;
  char               *trace_id;
  char               *verb;
  char               *path;           /* without the stage: "/orders" */
  char               *query;
  GPtrArray          *headers;        /* ApigwHeader */
  GBytes             *body;
  JsonObject         *path_params;
  JsonObject         *query_params;   /* name -> array of texts */
  gint64              started;        /* microseconds since 1970 */
  char               *key_id;

  /* what the templates see */
  PracticeVtlArena   *arena;
  PracticeVtlValue   *params;
  PracticeVtlValue   *context;
  PracticeVtlValue   *stage_variables;

  /* what goes to the integration */
  char               *endpoint;
  char               *out_verb;
  GPtrArray          *out_headers;
  GString            *out_query;
  JsonObject         *out_path;       /* integration.request.path.* */
  GBytes             *out_body;
  gint64              sent;           /* monotonic; 0 where nothing was */

  /* what came back */
  guint               in_status;
  GPtrArray          *in_headers;
  GBytes             *in_body;
  char               *function_error; /* errorMessage of a function that failed */
  gboolean            proxied;
  gint64              integration_ms; /* how long it took */

  /* what the caller gets */
  guint               status;
  GPtrArray          *response_headers;
  GBytes             *response_body;
  char               *error;          /* of the gateway itself */

  /* the execution log */
  GPtrArray          *log;            /* lines, or NULL where nobody reads them */

  ApigwDone           done;
  gpointer            data;
};

/* @path_params: (transfer full); @headers: (transfer full). Nothing is run yet. */
ApigwExecution *apigw_execution_new   (PracticeApiGateway *gateway,
                                       ApigwProgram       *program,
                                       ApigwMethod        *method,
                                       const char         *request_id,
                                       const char         *verb,
                                       const char         *path,
                                       const char         *query,
                                       GPtrArray          *headers,
                                       JsonObject         *path_params,
                                       GBytes             *body,
                                       gboolean            test);
/* Runs it; @done is called once, perhaps at once; the execution is freed after it. */
void            apigw_execution_run   (ApigwExecution     *self,
                                       ApigwDone           done,
                                       gpointer            data);

/* The same for what reaches no method: the gateway itself answers, with a gateway response ("MISSING_AUTHENTICATION_TOKEN", 403, …). */
void            apigw_execution_refuse (ApigwExecution    *self,
                                       ApigwDone           done,
                                       gpointer            data,
                                       const char         *response_type,
                                       guint               status,
                                       const char         *error_type,
                                       const char         *message);

/* The server ends: frees an execution that nobody answers any more, with the call it is for. */
void            apigw_execution_abandon (ApigwExecution   *self);

/* ── for the parts ── */
/* (transfer full): bytes as text for an event: valid UTF-8, and cut where it is long. */
char           *apigw_event_text      (GBytes             *body);
/* A line of the execution log, where somebody reads it. */
void            apigw_execution_log   (ApigwExecution     *self,
                                       gboolean            data,      /* shown with data tracing only */
                                       const char         *format,
                                       ...) G_GNUC_PRINTF (3, 4);
/* Ends the execution with a gateway response ("BAD_REQUEST_BODY", 400, "BadRequestException", "…"). */
void            apigw_execution_fail  (ApigwExecution     *self,
                                       const char         *response_type,
                                       guint               status,
                                       const char         *error_type,
                                       const char         *message);
/* "Execution failed due to configuration error: …" into the log, 500 "Internal server error" for the caller. */
void            apigw_execution_fail_configuration (ApigwExecution *self,
                                       const char         *format,
                                       ...) G_GNUC_PRINTF (2, 3);
/* The integration failed or answered with an error: the event for whoever follows the message. */
void            apigw_execution_emit_integration (ApigwExecution *self,
                                       guint               status,
                                       const char         *code,
                                       const char         *message);
/* The integration has answered (in_status, in_headers, in_body). */
void            apigw_execution_answered (ApigwExecution  *self);
/* Sends the response that is made (status, response_headers, response_body). */
void            apigw_execution_finish (ApigwExecution    *self);
/* practice-apigateway-logging.c */
void            apigw_execution_write_logs (ApigwExecution *self);
/* practice-apigateway-mapping.c */
/* Whether API Gateway does not hand it on (API Gateway Developer Guide, "Important notes"). */
gboolean        apigw_is_dropped_header (const char       *name);
/* $context, $stageVariables and $input.params() of the request. */
void            apigw_execution_make_context (ApigwExecution *self);
/* (transfer full) (nullable): the value of a mapping expression. */
char           *apigw_execution_map   (ApigwExecution     *self,
                                       const char         *expression);
/* Renders @template with @body as $input; NULL after failing the execution. */
char           *apigw_execution_render (ApigwExecution    *self,
                                       ApigwTemplate      *template,
                                       GBytes             *body,
                                       gboolean            request,
                                       gsize              *length);
/* "${stageVariables.x}" and "$context.requestId" in an address, a gateway response or an access log; @missing stands for what is not there. */
char           *apigw_execution_expand (ApigwExecution    *self,
                                       const char         *text,
                                       const char         *missing);
/* practice-apigateway-request.c: makes the integration request; FALSE after failing the execution. */
gboolean        apigw_execution_transform (ApigwExecution *self);
/* practice-apigateway-endpoint.c: hands it to the integration. */
void            apigw_execution_send  (ApigwExecution     *self);
/* practice-apigateway-hold.c: TRUE where step mode holds the request; it is handed on later. */
gboolean        apigw_execution_hold  (ApigwExecution     *self);
/* Lets the queue hold what it takes from @principal, where step mode asks for it. */
void            apigw_execution_hold_behind (ApigwExecution *self,
                                       PracticePrincipal  *principal);
/* practice-apigateway-proxy.c */
/*
 * (transfer full): the event that a proxy integration hands to a function (Lambda Developer Guide, "Input format of a Lambda function for proxy
 * integration").
 */
GBytes         *apigw_execution_make_event (ApigwExecution *self);
/* Ends the execution with what the function answered, or with 502 where that is malformed. */
void            apigw_execution_proxy_response (ApigwExecution *self);
/* practice-apigateway-response.c */
/* Adds a header for the caller; those that API Gateway keeps for itself are renamed or dropped. */
void            apigw_execution_add_header (ApigwExecution *self,
                                       const char         *name,
                                       const char         *value);
/* The integration has answered: chooses the mapping by its status, renders it and ends the execution. */
void            apigw_execution_respond (ApigwExecution   *self);

G_END_DECLS
