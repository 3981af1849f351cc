/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  PRACTICE_DYNAMODB_TOKEN_END,
  PRACTICE_DYNAMODB_TOKEN_NAME,               /* size, AND */
  PRACTICE_DYNAMODB_TOKEN_NAME_PLACEHOLDER,   /* #name */
  PRACTICE_DYNAMODB_TOKEN_VALUE_PLACEHOLDER,  /* :value */
  PRACTICE_DYNAMODB_TOKEN_NUMBER,             /* an index */
  PRACTICE_DYNAMODB_TOKEN_SYMBOL,             /* = <> < <= > >= ( ) [ ] , . + - */
  PRACTICE_DYNAMODB_TOKEN_FOREIGN,            /* what no expression has */
} PracticeDynamodbTokenKind;

typedef struct {
  PracticeDynamodbTokenKind kind;
  gsize                     start;   /* bytes into the expression */
  gsize                     length;
} PracticeDynamodbToken;

/* Returns: (transfer full): the tokens of @text (valid UTF-8), PRACTICE_DYNAMODB_TOKEN_END last */
GArray *practice_dynamodb_lexer_run (const char *text);

G_END_DECLS
