/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a receipt handle says: which message, and which time it was received. */
typedef struct {
  gint64 queue;
  gint64 message;
  gint64 nonce;
} PracticeSqsReceipt;

/* (transfer full) */
char     *practice_sqs_receipt_to_text (const PracticeSqsReceipt *self);
gboolean  practice_sqs_receipt_parse   (const char               *text,
                                        PracticeSqsReceipt       *self);

G_END_DECLS
