/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "practice-principal.h"

G_BEGIN_DECLS

typedef struct _PracticeServer PracticeServer;

#define PRACTICE_TYPE_CALL (practice_call_get_type ())

/**
 * PracticeCall:
 *
 * One call of one operation, from outside over HTTP or from another service of the practice cloud. A handler answers it
 * exactly once, at once or later (it then keeps a reference). Main thread only.
 */
G_DECLARE_FINAL_TYPE (PracticeCall, practice_call, PRACTICE, CALL, GObject)

PracticeServer    *practice_call_get_server     (PracticeCall *self);
const char        *practice_call_get_service    (PracticeCall *self);  /* "sqs" */
const char        *practice_call_get_operation  (PracticeCall *self);  /* "SendMessage" */
const char        *practice_call_get_region     (PracticeCall *self);
const char        *practice_call_get_account    (PracticeCall *self);
/* What the answer's request id header says, and events. */
const char        *practice_call_get_request_id (PracticeCall *self);
PracticePrincipal *practice_call_get_principal  (PracticeCall *self);
gboolean           practice_call_is_query       (PracticeCall *self);  /* the query protocol: form in, XML out */
gboolean           practice_call_is_answered    (PracticeCall *self);
/* Cancelled when the caller hangs up; a long poll ends then. */
GCancellable      *practice_call_get_cancellable (PracticeCall *self);

/*
 * The parameters. JSON protocols: the body. REST-JSON: the body's members (unless the operation's body is a payload), the labels of
 * the path, and the query string under the names it has on the wire ("tagKeys"). Query: "A.member.1", "A.1" become arrays, "A.entry.1.key/value" objects, "A.B" objects; every leaf a string.
 */
JsonObject        *practice_call_get_params     (PracticeCall *self);
GBytes            *practice_call_get_body       (PracticeCall *self);
/* The path as it is on the wire ("/000000000000/orders"); "/" for inner calls. */
const char        *practice_call_get_path       (PracticeCall *self);
/* NULL where the request has none; @name in any case. */
const char        *practice_call_get_header     (PracticeCall *self,
                                                 const char   *name);
/* All header names with their values: name, value, …, NULL. */
const char *const *practice_call_get_headers    (PracticeCall *self);
/*
 * Typed looks into the parameters (or any object). NULL / FALSE where the member is missing; where it has the wrong type too, after failing
 * the call with the service's answer to that (SerializationException, ValidationError, MalformedInput …). Numbers and booleans may be strings (query).
 */
const char        *practice_call_get_string     (PracticeCall *self,
                                                 const char   *name);
gboolean           practice_call_get_int        (PracticeCall *self,
                                                 const char   *name,
                                                 gint64       *value);
gboolean           practice_call_get_boolean    (PracticeCall *self,
                                                 const char   *name,
                                                 gboolean     *value);
JsonArray         *practice_call_get_array      (PracticeCall *self,
                                                 const char   *name);
JsonObject        *practice_call_get_object     (PracticeCall *self,
                                                 const char   *name);

/**
 * practice_call_allow:
 * @action: "sqs:SendMessage"
 * @resource: the ARN, or "*"
 * @resource_policy: (nullable): the resource's own policy (JSON text)
 * @context: (nullable): condition keys, a JSON object of strings ("aws:SourceArn" is filled in from the principal)
 *
 * Asks IAM whether the caller may. Where not, the call is failed with the service's own words for it
 * (AccessDenied, AccessDeniedException, …) and an event "denied" is sent; the handler just returns.
 *
 * Returns: TRUE where allowed
 */
gboolean           practice_call_allow          (PracticeCall *self,
                                                 const char   *action,
                                                 const char   *resource,
                                                 const char   *resource_policy,
                                                 JsonObject   *context);

/*
 * Answers. Each takes @result; NULL is an empty answer. In the query protocol NULL leaves out the Result element, as on AWS for operations
 * without an output; an operation that has one gives an object, if need be an empty one.
 */
void               practice_call_return         (PracticeCall *self,
                                                 JsonObject   *result);
/* REST: with a status, and raw bytes instead of JSON where @body is given (then @result is NULL; @body is not taken). @headers: name, value, …, NULL. */
void               practice_call_return_full    (PracticeCall       *self,
                                                 guint               status,
                                                 JsonObject         *result,
                                                 GBytes             *body,
                                                 const char         *content_type,
                                                 const char *const  *headers);
/* An error of the service: @code is its name without a namespace ("QueueDoesNotExist"), the text AWS's own sentence. */
void               practice_call_fail           (PracticeCall *self,
                                                 guint         status,
                                                 const char   *code,
                                                 const char   *format,
                                                 ...) G_GNUC_PRINTF (4, 5);
/* @query_code: the code in x-amzn-query-error and in XML where it differs (sqs); @members: more members of the error (takes it), or NULL. */
void               practice_call_fail_full      (PracticeCall *self,
                                                 guint         status,
                                                 const char   *code,
                                                 const char   *query_code,
                                                 JsonObject   *members,
                                                 const char   *message);

G_END_DECLS
