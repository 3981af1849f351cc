/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-server.h"

G_BEGIN_DECLS

/*
 * One line a service: makes its tables, registers its operations, and lives as long as the server (its state is freed with the
 * server). practice_server_new() does not know them; main() adds each.
 */
void practice_sts_start         (PracticeServer *server);
void practice_tagging_start     (PracticeServer *server);
void practice_sqs_start         (PracticeServer *server);
void practice_sns_start         (PracticeServer *server);
void practice_inbox_start       (PracticeServer *server);
void practice_dynamodb_start    (PracticeServer *server);
void practice_streams_start     (PracticeServer *server);
void practice_logs_start        (PracticeServer *server);
void practice_lambda_start      (PracticeServer *server);
void practice_apigateway_start  (PracticeServer *server);

/*
 * lambda, for the other services: invokes a function as @principal (iam and the function's resource policy in force).
 * @source: "mapping", "gateway", "topic", "pipe"; @records: (transfer full) (nullable): the ids that came in, for the events.
 * @asynchronous: Event invocation: accepted at once, retried twice on failure.
 * The answer's body is what the function returned; code "Unhandled" and the error object in body where it failed; AccessDeniedException, ResourceNotFoundException otherwise.
 */
void practice_lambda_invoke     (PracticeServer     *server,
                                 PracticePrincipal  *principal,
                                 const char         *function_arn,
                                 const char         *source,
                                 JsonArray          *records,
                                 GBytes             *payload,
                                 gboolean            asynchronous,
                                 PracticeAnswerFunc  callback,
                                 gpointer            user_data);

typedef struct {
  gint64  time_ms;   /* since 1970 */
  char   *text;
} PracticeLogLine;

/* logs, for lambda and apigateway: makes group and stream where missing and appends. */
void practice_logs_append       (PracticeServer        *server,
                                 const char            *region,
                                 const char            *group,
                                 const char            *stream,
                                 const PracticeLogLine *lines,
                                 guint                  n_lines);

/* sqs, for mappings: what step mode holds for them. */
void practice_sqs_begin_mapping (PracticeServer     *server,
                                 const char         *queue_arn,
                                 const char         *function_arn);
void practice_sqs_end_mapping   (PracticeServer     *server,
                                 const char         *queue_arn,
                                 const char         *function_arn);

/* inbox, for sns and cognito: @confirmation: the link in the mail, or NULL. Returns the id; emits "mail" or "sms". */
char *practice_inbox_add_mail   (PracticeServer     *server,
                                 const char         *to,
                                 const char         *subject,
                                 const char         *body,
                                 const char         *topic_arn,
                                 const char         *message_id,
                                 const char         *confirmation);
char *practice_inbox_add_sms    (PracticeServer     *server,
                                 const char         *to,
                                 const char         *body,
                                 const char         *message_id);

G_END_DECLS
