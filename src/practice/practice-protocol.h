/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-call-private.h"

G_BEGIN_DECLS

/* What an answer is on the wire. */
typedef struct {
  guint        status;
  GBytes      *body;
  char        *content_type;
  char       **headers;   /* name, value, …, NULL: without Content-Type */
} PracticeReply;

/**
 * practice_protocol_read:
 *
 * Finds the operation that @call's request asks for and reads its parameters. Where that fails the call is failed.
 *
 * Returns: whether the operation can be run
 */
gboolean practice_protocol_read  (PracticeCall  *call);

/* Fills in @reply with what @call came to, in its service's protocol. */
void     practice_protocol_write (PracticeCall  *call,
                                  PracticeReply *reply);
void     practice_reply_clear    (PracticeReply *reply);

G_END_DECLS
