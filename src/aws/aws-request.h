/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "aws-credentials.h"
#include "aws-operation.h"

G_BEGIN_DECLS

/**
 * AwsRequest:
 * @path, @query: as they are on the wire; @query is NULL where there is none
 * @headers: (element-type utf8): name, value, name, value, …; not NULL-terminated
 * @body: never NULL
 *
 * An HTTP request before it is signed and sent.
 */
typedef struct {
  char      *method;
  char      *path;
  char      *query;
  GPtrArray *headers;
  GBytes    *body;
  gboolean   is_signed;
  guint      n_unsigned;   /* how long headers was before it was signed */
} AwsRequest;

AwsRequest *aws_request_new        (const char          *method,
                                    const char          *path,
                                    const char          *query);
/* Puts @parameters where @operation wants them. NULL with AWS_ERROR_PARAMETER where they do not fit. */
AwsRequest *aws_request_build      (const AwsOperation  *operation,
                                    JsonObject          *parameters,
                                    GError             **error);
void        aws_request_add_header (AwsRequest          *self,
                                    const char          *name,
                                    const char          *value);
/*
 * Adds Host, X-Amz-Date, X-Amz-Security-Token and Authorization, in place of those of an earlier attempt.
 * @time: seconds since 1970, by the service's clock
 */
void        aws_request_sign       (AwsRequest          *self,
                                    AwsCredentials      *credentials,
                                    const char          *host,
                                    const char          *region,
                                    const char          *service,
                                    gint64               time);
void        aws_request_free       (AwsRequest          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AwsRequest, aws_request_free)

G_END_DECLS
