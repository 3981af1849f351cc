/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-faults.h"
#include "practice-habits.h"
#include "practice-call.h"
#include "practice-events.h"
#include "practice-iam.h"
#include "practice-store.h"

G_BEGIN_DECLS

/**
 * PracticeOperation:
 * @name: "SendMessage"
 * @route: REST services: "POST /2015-03-31/functions/{FunctionName}/invocations"; {Name+} takes the rest of the path
 * @handle: answers the call. It runs inside a transaction of the store: committed after it returns, rolled back where it failed the call.
 *   What is done later (a long poll's end) opens its own. Raw paths (practice_server_add_raw()) have no transaction.
 * @payload: REST services: the body is bytes for practice_call_get_body(), no parameters (Lambda's Invoke)
 */
typedef struct {
  const char *name;
  const char *route;
  void      (*handle) (PracticeCall *call,
                       gpointer      service);
  gboolean    payload;
} PracticeOperation;

typedef enum {
  PRACTICE_PROTOCOL_QUERY,      /* form in, XML out: iam, sts, sns; sqs as second protocol */
  PRACTICE_PROTOCOL_JSON_1_0,
  PRACTICE_PROTOCOL_JSON_1_1,
  PRACTICE_PROTOCOL_REST_JSON,
} PracticeProtocol;

/**
 * PracticeService:
 * @name: the name in the credential scope ("sqs", "dynamodb"; streams come as "dynamodb" with another target)
 * @target: what X-Amz-Target begins with ("AmazonSQS", "DynamoDB_20120810"), or NULL
 * @error_namespace: what __type begins with ("com.amazonaws.sqs"), or NULL for the bare code
 * @xml_namespace: of query answers, or NULL
 * @also_query: answers the query protocol too (sqs)
 * @xml_maps: query answers: names of members that are maps (<entry><key/><value/></entry>), NULL-terminated, or NULL
 * @xml_shape: query answers: (nullable): turns a result into the shape that the XML has (sqs's flattened lists); takes and returns the object
 * @denied_status, @denied_code: what "not allowed" is in this service (403 "AccessDenied", 400 "AccessDeniedException")
 */
typedef struct {
  const char              *name;
  const char              *target;
  PracticeProtocol         protocol;
  const char              *error_namespace;
  const char              *xml_namespace;
  gboolean                 also_query;
  const char *const       *xml_maps;
  JsonObject            *(*xml_shape) (const char *operation, JsonObject *result);
  guint                    denied_status;
  const char              *denied_code;
  const PracticeOperation *operations;   /* ends with a NULL name */
} PracticeService;

#define PRACTICE_TYPE_SERVER (practice_server_get_type ())

/**
 * PracticeServer:
 *
 * The practice cloud: listens on loopback, checks Host and signatures, finds the operation, answers in its protocol.
 *
 * Signals: "arrival" (detailed by nothing; one string: the ARN of the queue or stream that has something new).
 */
G_DECLARE_FINAL_TYPE (PracticeServer, practice_server, PRACTICE, SERVER, GObject)

PracticeServer   *practice_server_new              (PracticeStore          *store);
/* Makes it behave as AWS does, or worse: (transfer full) (nullable) both. Before it listens. @speed: what pauses are multiplied with. */
void              practice_server_misbehave        (PracticeServer         *self,
                                                    PracticeHabits         *habits,
                                                    PracticeFaults         *faults,
                                                    double                  speed);
gboolean          practice_server_listen           (PracticeServer         *self,
                                                    guint                   port,
                                                    GError                **error);
guint             practice_server_get_port         (PracticeServer         *self);
const char       *practice_server_get_url          (PracticeServer         *self);   /* "http://127.0.0.1:4566" */
const char       *practice_server_get_account      (PracticeServer         *self);   /* "000000000000" */
const char       *practice_server_get_region       (PracticeServer         *self);   /* the default, "us-east-1" */
PracticeStore    *practice_server_get_store        (PracticeServer         *self);
PracticeIam      *practice_server_get_iam          (PracticeServer         *self);
PracticeEvents   *practice_server_get_events       (PracticeServer         *self);

/* Serves requests that come in over @connection as if it had been accepted on the port: how the workers of functions, which have a network of their own, get in. */
void              practice_server_accept           (PracticeServer         *self,
                                                    GSocketConnection      *connection);

/* @service: static; @data: handed to its handlers, owned by whoever registers. */
void              practice_server_add_service      (PracticeServer         *self,
                                                    const PracticeService  *service,
                                                    gpointer                data);

/**
 * PracticeAnswer:
 *
 * What an inner call came to: either @result, or an error (@code not NULL).
 */
typedef struct {
  guint       status;
  JsonObject *result;      /* NULL on error */
  GBytes     *body;        /* the bytes that HTTP would carry (raw answers and practice_server_forward()) */
  const char *content_type;
  const char *code;
  const char *message;
  const char *request_id;
} PracticeAnswer;

typedef void (*PracticeAnswerFunc) (const PracticeAnswer *answer,
                                    gpointer              user_data);

/**
 * practice_server_call:
 * @params: (transfer full): as practice_call_get_params() shows them, JSON form
 * @cancellable: (nullable): ends a long poll
 *
 * An inner call: one service uses another as @principal, with IAM in force. @callback may run before this returns.
 */
void              practice_server_call             (PracticeServer         *self,
                                                    PracticePrincipal      *principal,
                                                    const char             *service,
                                                    const char             *operation,
                                                    const char             *region,
                                                    JsonObject             *params,
                                                    GCancellable           *cancellable,
                                                    PracticeAnswerFunc      callback,
                                                    gpointer                user_data);

/**
 * practice_server_forward:
 * @headers: name, value, …, NULL
 *
 * A whole HTTP request handed to @service as @principal without a signature: how API Gateway's AWS integrations reach services
 * (form bodies, X-Amz-Target, paths). The answer has status, body and content type as on the wire.
 */
void              practice_server_forward          (PracticeServer         *self,
                                                    PracticePrincipal      *principal,
                                                    const char             *service,
                                                    const char             *region,
                                                    const char             *method,
                                                    const char             *path,
                                                    const char             *query,
                                                    const char *const      *headers,
                                                    GBytes                 *body,
                                                    PracticeAnswerFunc      callback,
                                                    gpointer                user_data);

/**
 * PracticeRawFunc:
 *
 * Serves paths that belong to no signed service: the invoke URL, the Lambda Runtime API, mail links. @path begins after the
 * prefix. Answers through practice_call_return_full() or fails; the principal is ANONYMOUS.
 */
typedef void (*PracticeRawFunc) (PracticeCall *call,
                                 const char   *method,
                                 const char   *path,
                                 const char   *query,
                                 gpointer      data);

/* @prefix: "/_aws/execute-api/", "/2018-06-01/runtime/". */
void              practice_server_add_raw          (PracticeServer         *self,
                                                    const char             *prefix,
                                                    PracticeRawFunc         handle,
                                                    gpointer                data);
/* @host_suffix: ".execute-api.localhost": Host "abc123.execute-api.localhost:4566" with path "/dev/x" reaches @handle with path "abc123/dev/x". */
void              practice_server_add_raw_host     (PracticeServer         *self,
                                                    const char             *host_suffix,
                                                    PracticeRawFunc         handle,
                                                    gpointer                data);

/* Emits "arrival" for @arn from an idle of the main loop, once for any number of calls before it. */
void              practice_server_announce         (PracticeServer         *self,
                                                    const char             *arn);

/* Resources with tags tell the tagging API: fn appends {"ResourceARN", "Tags": [{Key, Value}]} objects. */
typedef void (*PracticeTagsFunc) (JsonArray *resources,
                                  const char *region,
                                  gpointer   data);
void              practice_server_add_tagged       (PracticeServer         *self,
                                                    const char             *resource_type,   /* "sqs", "lambda:function" */
                                                    PracticeTagsFunc        list,
                                                    gpointer                data);

G_END_DECLS
