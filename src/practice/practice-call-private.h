/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-server.h"

G_BEGIN_DECLS

/* Hands on what @call came to. Called once, when the call is answered and its transaction has ended. */
typedef void (*PracticeCallDeliver) (PracticeCall *call,
                                     gpointer      data);

struct _PracticeCall {
  GObject                   parent_instance;

  /* what is called */
  PracticeServer           *server;         /* not owned: calls end with the server */
  const PracticeService    *service;        /* NULL for raw paths and unknown services */
  const PracticeOperation  *operation;      /* NULL until it is found */
  gpointer                  service_data;
  PracticePrincipal        *principal;
  char                     *region;
  char                     *request_id;
  GCancellable             *cancellable;

  /* how it came; an inner call has parameters only */
  char                     *method;
  char                     *path;           /* as it is on the wire */
  char                     *query_string;
  char                    **headers;        /* name, value, …, NULL */
  GBytes                   *body;
  JsonObject               *params;
  JsonObject               *arguments;      /* the query string's values, or NULL */
  gboolean                  query;

  /* what it came to */
  gboolean                  handling;       /* the handler runs: the answer waits for the end of its transaction */
  gboolean                  answered;
  guint                     status;
  JsonObject               *result;
  GBytes                   *answer_body;
  char                     *content_type;
  char                    **answer_headers;
  char                     *code;
  char                     *query_code;
  char                     *message;
  JsonObject               *members;

  PracticeCallDeliver       deliver;
  gpointer                  deliver_data;
};

PracticeCall *practice_call_new           (PracticeServer      *server,
                                           PracticePrincipal   *principal,
                                           const char          *region,
                                           GCancellable        *cancellable,
                                           PracticeCallDeliver  deliver,
                                           gpointer             deliver_data);
/* Ends the time in which the answer waits. @failure: (nullable): why what the handler did was undone. */
void          practice_call_end_handling  (PracticeCall        *self,
                                           const GError        *failure);

G_END_DECLS
