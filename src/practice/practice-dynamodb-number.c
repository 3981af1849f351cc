/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-number.h"

#include <string.h>

#include "practice-dynamodb-error.h"

#define EXPONENT_MIN (-129)
#define EXPONENT_MAX 126
/* The place of a digit of weight 10^w in a sum is w + PLACE_ZERO: the smallest is the 38th digit of a number near 1E-130. */
#define PLACE_ZERO (-(EXPONENT_MIN) + PRACTICE_DYNAMODB_NUMBER_DIGITS)
#define PLACES (PLACE_ZERO + EXPONENT_MAX + 2)

enum {
  KEY_NEGATIVE = 0,
  KEY_ZERO = 1,
  KEY_POSITIVE = 2,
};

static gboolean
check_range (const PracticeDynamodbNumber  *self,
             gint64                         exponent,
             GError                       **error)
{
  if (self->sign == 0)
    return TRUE;
  if (exponent > EXPONENT_MAX)
    return practice_dynamodb_invalid (error, "Number overflow. Attempting to store a number with magnitude larger than supported range");
  if (exponent < EXPONENT_MIN)
    return practice_dynamodb_invalid (error, "Number underflow. Attempting to store a number with magnitude smaller than supported range");
  return TRUE;
}

static gboolean
refuse_text (const char  *text,
             GError     **error)
{
  if (*text == '\0')
    return practice_dynamodb_invalid (error, "The parameter cannot be converted to a numeric value");
  return practice_dynamodb_invalid (error, "The parameter cannot be converted to a numeric value: %s", text);
}

gboolean
practice_dynamodb_number_parse (PracticeDynamodbNumber  *self,
                                const char              *text,
                                GError                 **error)
{
  const char *p = text;
  gboolean negative = FALSE, point = FALSE, any = FALSE, precise = TRUE;
  gint64 exponent = 0;
  guint pending = 0;

  memset (self, 0, sizeof *self);

  if (*p == '+' || *p == '-')
    negative = *p++ == '-';

  for (; g_ascii_isdigit (*p) || (*p == '.' && !point); p++) {
    if (*p == '.') {
      point = TRUE;
      continue;
    }
    any = TRUE;
    if (*p == '0' && self->n_digits == 0) {
      if (point)
        exponent--;
      continue;
    }
    if (!point)
      exponent++;
    /* Zeros count only when another digit follows. */
    if (*p == '0') {
      pending++;
      continue;
    }
    if (self->n_digits + pending >= PRACTICE_DYNAMODB_NUMBER_DIGITS) {
      precise = FALSE;
      continue;
    }
    self->n_digits += pending;
    pending = 0;
    self->digits[self->n_digits++] = *p - '0';
  }
  if (!any)
    return refuse_text (text, error);

  if (*p == 'e' || *p == 'E') {
    gboolean down = FALSE;
    gint64 power = 0;

    p++;
    if (*p == '+' || *p == '-')
      down = *p++ == '-';
    if (!g_ascii_isdigit (*p))
      return refuse_text (text, error);
    for (; g_ascii_isdigit (*p); p++)
      if (power < 100000000)
        power = power * 10 + (*p - '0');
    exponent += down ? -power : power;
  }
  if (*p != '\0')
    return refuse_text (text, error);

  if (self->n_digits == 0)
    return TRUE;
  self->sign = negative ? -1 : 1;
  if (!precise)
    return practice_dynamodb_invalid (error, "Attempting to store more than 38 significant digits in a Number");
  if (!check_range (self, exponent, error))
    return FALSE;
  self->exponent = exponent;
  return TRUE;
}

void
practice_dynamodb_number_set_int (PracticeDynamodbNumber *self,
                                  guint64                 value)
{
  char text[24];

  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT, value);
  practice_dynamodb_number_parse (self, text, NULL);
}

char *
practice_dynamodb_number_format (const PracticeDynamodbNumber *self)
{
  GString *text;
  int i;

  if (self->sign == 0)
    return g_strdup ("0");

  text = g_string_sized_new (48);
  if (self->sign < 0)
    g_string_append_c (text, '-');
  if (self->exponent <= 0) {
    g_string_append (text, "0.");
    for (i = self->exponent; i < 0; i++)
      g_string_append_c (text, '0');
  }
  for (i = 0; i < MAX (self->n_digits, self->exponent); i++) {
    if (i > 0 && i == self->exponent)
      g_string_append_c (text, '.');
    g_string_append_c (text, i < self->n_digits ? '0' + self->digits[i] : '0');
  }
  return g_string_free (text, FALSE);
}

int
practice_dynamodb_number_compare (const PracticeDynamodbNumber *a,
                                  const PracticeDynamodbNumber *b)
{
  int order;

  if (a->sign != b->sign)
    return a->sign < b->sign ? -1 : 1;
  if (a->sign == 0)
    return 0;
  if (a->exponent != b->exponent)
    order = a->exponent < b->exponent ? -1 : 1;
  else
    order = memcmp (a->digits, b->digits, PRACTICE_DYNAMODB_NUMBER_DIGITS);
  return a->sign * (order > 0) - a->sign * (order < 0);
}

gboolean
practice_dynamodb_number_add (PracticeDynamodbNumber        *sum,
                              const PracticeDynamodbNumber  *a,
                              const PracticeDynamodbNumber  *b,
                              gboolean                       subtract,
                              GError                       **error)
{
  int places[PLACES] = { 0 };
  int top, bottom, carry = 0;
  PracticeDynamodbNumber result = { 0 };

  for (guint i = 0; i < a->n_digits; i++)
    places[a->exponent - 1 - (int) i + PLACE_ZERO] += a->sign * a->digits[i];
  for (guint i = 0; i < b->n_digits; i++)
    places[b->exponent - 1 - (int) i + PLACE_ZERO] += (subtract ? -b->sign : b->sign) * b->digits[i];

  for (top = PLACES - 1; top >= 0 && places[top] == 0; top--)
    ;
  if (top < 0) {
    *sum = result;
    return TRUE;
  }

  result.sign = places[top] < 0 ? -1 : 1;
  for (int i = 0; i < PLACES; i++) {
    int digit = places[i] * result.sign + carry;

    carry = 0;
    for (; digit < 0; digit += 10)
      carry--;
    for (; digit > 9; digit -= 10)
      carry++;
    places[i] = digit;
  }

  for (top = PLACES - 1; places[top] == 0; top--)
    ;
  for (bottom = 0; places[bottom] == 0; bottom++)
    ;
  if (top - bottom >= PRACTICE_DYNAMODB_NUMBER_DIGITS)
    return practice_dynamodb_invalid (error, "Attempting to store more than 38 significant digits in a Number");
  if (!check_range (&result, top - PLACE_ZERO + 1, error))
    return FALSE;

  result.exponent = top - PLACE_ZERO + 1;
  for (int i = top; i >= bottom; i--)
    result.digits[result.n_digits++] = places[i];
  *sum = result;
  return TRUE;
}

gsize
practice_dynamodb_number_get_size (const PracticeDynamodbNumber *self)
{
  return self->sign == 0 ? 1 : (self->n_digits + 1) / 2 + 1 + (self->sign < 0);
}

gsize
practice_dynamodb_number_to_key (const PracticeDynamodbNumber *self,
                                 guint8                        key[PRACTICE_DYNAMODB_NUMBER_KEY_MAX])
{
  gsize n = 0;

  if (self->sign == 0) {
    key[n++] = KEY_ZERO;
    return n;
  }

  key[n++] = self->sign > 0 ? KEY_POSITIVE : KEY_NEGATIVE;
  key[n++] = self->exponent - EXPONENT_MIN;
  for (guint i = 0; i < self->n_digits; i += 2)
    key[n++] = self->digits[i] * 10 + (i + 1 < self->n_digits ? self->digits[i + 1] : 0) + 1;

  /* Of two negative numbers the larger magnitude comes first, also where it only has more digits. */
  if (self->sign < 0) {
    for (gsize i = 1; i < n; i++)
      key[i] = 255 - key[i];
    key[n++] = 255;
  }
  return n;
}

gboolean
practice_dynamodb_number_from_key (PracticeDynamodbNumber *self,
                                   const guint8           *key,
                                   gsize                   length)
{
  guint8 mask;

  memset (self, 0, sizeof *self);
  if (length < 1 || length > PRACTICE_DYNAMODB_NUMBER_KEY_MAX)
    return FALSE;
  if (key[0] == KEY_ZERO)
    return length == 1;
  if (key[0] > KEY_POSITIVE)
    return FALSE;

  self->sign = key[0] == KEY_POSITIVE ? 1 : -1;
  mask = self->sign > 0 ? 0 : 255;
  if (self->sign < 0 && key[--length] != 255)
    return FALSE;
  if (length < 3 || length > 2 + PRACTICE_DYNAMODB_NUMBER_DIGITS / 2)
    return FALSE;

  self->exponent = (key[1] ^ mask) + EXPONENT_MIN;
  for (gsize i = 2; i < length; i++) {
    int pair = (key[i] ^ mask) - 1;

    if (pair < 0 || pair > 99)
      return FALSE;
    self->digits[self->n_digits++] = pair / 10;
    self->digits[self->n_digits++] = pair % 10;
  }
  if (self->digits[self->n_digits - 1] == 0)
    self->n_digits--;
  return self->digits[0] != 0 && self->digits[self->n_digits - 1] != 0;
}
