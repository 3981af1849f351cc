/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PRACTICE_DYNAMODB_NUMBER_DIGITS 38
/* The longest sort key: sign, exponent, 19 pairs of digits, end mark. */
#define PRACTICE_DYNAMODB_NUMBER_KEY_MAX 22

/**
 * PracticeDynamodbNumber:
 * @sign: -1, 0 or 1
 * @exponent: -129 … 126
 * @n_digits: none for zero
 * @digits: 0 … 9 each, neither the first nor the last is 0
 *
 * A decimal number, sign × 0.d₁d₂d₃… × 10^exponent, with up to 38 digits and magnitudes from 1E-130 to 9.99…E+125
 * (DynamoDB Developer Guide, "Supported data types", Number). A plain value; equal numbers have equal fields.
 */
typedef struct {
  gint8   sign;
  gint16  exponent;
  guint8  n_digits;
  guint8  digits[PRACTICE_DYNAMODB_NUMBER_DIGITS];
} PracticeDynamodbNumber;

/* Reads "-12.5e3". FALSE with DynamoDB's ValidationException where it is no number, too large, too small or too precise. */
gboolean practice_dynamodb_number_parse    (PracticeDynamodbNumber       *self,
                                            const char                   *text,
                                            GError                      **error);
void     practice_dynamodb_number_set_int  (PracticeDynamodbNumber       *self,
                                            guint64                       value);
/* Returns: (transfer full): plain decimal notation, as DynamoDB answers numbers */
char    *practice_dynamodb_number_format   (const PracticeDynamodbNumber *self);
/* -1, 0 or 1. */
int      practice_dynamodb_number_compare  (const PracticeDynamodbNumber *a,
                                            const PracticeDynamodbNumber *b);
/* @sum = @a + @b, or @a - @b where @subtract. Exact; errors where the result is out of range. */
gboolean practice_dynamodb_number_add      (PracticeDynamodbNumber       *sum,
                                            const PracticeDynamodbNumber *a,
                                            const PracticeDynamodbNumber *b,
                                            gboolean                      subtract,
                                            GError                      **error);
/* What the number counts for in an item's size, in bytes. */
gsize    practice_dynamodb_number_get_size (const PracticeDynamodbNumber *self);

/* Bytes that memcmp() orders as the numbers; returns how many of @key are used. */
gsize    practice_dynamodb_number_to_key   (const PracticeDynamodbNumber *self,
                                            guint8                        key[PRACTICE_DYNAMODB_NUMBER_KEY_MAX]);
/* The way back; FALSE where the bytes are not such a key. */
gboolean practice_dynamodb_number_from_key (PracticeDynamodbNumber       *self,
                                            const guint8                 *key,
                                            gsize                         length);

G_END_DECLS
