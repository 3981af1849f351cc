/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws-request.h"

G_BEGIN_DECLS

/* The largest answers that AWS gives are BatchGetItem's 16 MB. */
#define AWS_HTTP_MAX_ANSWER (64 * 1024 * 1024)
/* An answer that takes longer counts as none; long polls take 20 seconds. */
#define AWS_HTTP_SECONDS 60

/**
 * AwsHttpAnswer:
 * @restarted: the connection died under the request, and libsoup sent it again: perhaps without its body
 * @headers: lower-case name → value; repeated headers joined with ", "
 */
typedef struct {
  guint       status;
  GHashTable *headers;
  GBytes     *body;
  gboolean    restarted;
} AwsHttpAnswer;

/**
 * aws_http_exchange:
 * @base: "https://sqs.eu-west-1.amazonaws.com", "http://127.0.0.1:4566"
 * @request: the request, with its Host header
 * @seconds: how long to wait for the connection, and for each next piece of the answer
 *
 * Sends a request and reads the whole answer. Blocks. Each thread keeps connections of its own. Redirects are not
 * followed: a signature holds for one host only.
 *
 * Returns: (transfer full): the answer whatever its status; NULL with AWS_ERROR_NETWORK, AWS_ERROR_TIMEOUT,
 *   AWS_ERROR_ANSWER (too large) or G_IO_ERROR_CANCELLED
 */
AwsHttpAnswer *aws_http_exchange     (const char     *base,
                                      AwsRequest     *request,
                                      guint           seconds,
                                      GCancellable   *cancellable,
                                      GError        **error);
/* (transfer full): the Host header for @base: no port where it is the scheme's own. NULL where @base is no http(s) URL. */
char          *aws_http_host         (const char     *base);
/* Whether @base is on this machine, where no proxy is to be asked. */
gboolean       aws_http_is_loopback  (const char     *base);
void           aws_http_answer_free  (AwsHttpAnswer  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AwsHttpAnswer, aws_http_answer_free)

G_END_DECLS
