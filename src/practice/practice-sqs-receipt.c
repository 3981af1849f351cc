/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-sqs-receipt.h"

#include <string.h>

char *
practice_sqs_receipt_to_text (const PracticeSqsReceipt *self)
{
  gint64 numbers[] = { GINT64_TO_BE (self->queue), GINT64_TO_BE (self->message), GINT64_TO_BE (self->nonce) };

  return g_base64_encode ((const guchar *) numbers, sizeof numbers);
}

gboolean
practice_sqs_receipt_parse (const char         *text,
                            PracticeSqsReceipt *self)
{
  gint64 numbers[3];
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (text, &length);
  g_autofree char *again = NULL;

  if (length != sizeof numbers)
    return FALSE;

  memcpy (numbers, bytes, sizeof numbers);
  self->queue = GINT64_FROM_BE (numbers[0]);
  self->message = GINT64_FROM_BE (numbers[1]);
  self->nonce = GINT64_FROM_BE (numbers[2]);

  /* The decoder skips what is not Base64. */
  again = practice_sqs_receipt_to_text (self);
  return strcmp (again, text) == 0;
}
