/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  AWS_JSON_FLAW_NONE,
  AWS_JSON_FLAW_SYNTAX,
  AWS_JSON_FLAW_DEPTH,
} AwsJsonFlaw;

/*
 * Whether @text is JSON as RFC 8259 has it; json-glib alone would take comments, single quotes and more, and recurses without bound. Whether it is UTF-8
 * is not looked at. @refuses_nul: "\u0000", which a C string cannot hold, is a flaw. @at: (out): the byte at which the flaw was met.
 */
AwsJsonFlaw aws_json_check (const char *text,
                            gsize       length,
                            guint       max_depth,
                            gboolean    refuses_nul,
                            gsize      *at);

G_END_DECLS
