/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-lexer.h"
#include "practice-dynamodb-node.h"
#include "practice-dynamodb-placeholders.h"

G_BEGIN_DECLS

/**
 * PracticeDynamodbParser:
 * @kind: "ConditionExpression": how messages call the expression
 * @syntax: the first syntax error; parsing stops there
 * @wrapped: the node that parentheses closed around last
 * @meaning: the first other error. It is told only where the whole expression is well formed, as DynamoDB does.
 *
 * What the parsers of all expressions share: a place in the tokens, names and values behind their placeholders, errors. Everything is
 * public to the parsers; others use the functions of practice-dynamodb-condition.h, -update.h and -projection.h.
 */
typedef struct {
  const char                   *kind;
  const char                   *text;
  PracticeDynamodbPlaceholders *placeholders;
  GArray                       *tokens;
  guint                         position;
  guint                         depth;
  guint                         operators;
  gconstpointer                 wrapped;
  GError                       *syntax;
  GError                       *meaning;
} PracticeDynamodbParser;

/* FALSE where @text is empty or longer than 4 KB. @placeholders is borrowed. */
gboolean               practice_dynamodb_parser_init          (PracticeDynamodbParser        *self,
                                                               const char                    *kind,
                                                               const char                    *text,
                                                               PracticeDynamodbPlaceholders  *placeholders,
                                                               GError                       **error);
void                   practice_dynamodb_parser_clear         (PracticeDynamodbParser        *self);
/* At the end: a syntax error where tokens are left, and whatever was wrong. */
gboolean               practice_dynamodb_parser_finish        (PracticeDynamodbParser        *self,
                                                               GError                       **error);

/* Looks at the next token, without taking it. @word: in any case. */
gboolean               practice_dynamodb_parser_is_kind       (PracticeDynamodbParser        *self,
                                                               PracticeDynamodbTokenKind      kind);
gboolean               practice_dynamodb_parser_is_symbol     (PracticeDynamodbParser        *self,
                                                               const char                    *symbol);
gboolean               practice_dynamodb_parser_is_word       (PracticeDynamodbParser        *self,
                                                               const char                    *word);
/* Whether the next token is a name and the one behind it opens a parenthesis. */
gboolean               practice_dynamodb_parser_is_function   (PracticeDynamodbParser        *self);
/* Takes the next token where it is this one. */
gboolean               practice_dynamodb_parser_accept_symbol (PracticeDynamodbParser        *self,
                                                               const char                    *symbol);
gboolean               practice_dynamodb_parser_accept_word   (PracticeDynamodbParser        *self,
                                                               const char                    *word);
/* Takes it, or a syntax error. */
gboolean               practice_dynamodb_parser_expect_symbol (PracticeDynamodbParser        *self,
                                                               const char                    *symbol);
/* Returns: (transfer full): the next token's text, taken */
char                  *practice_dynamodb_parser_take          (PracticeDynamodbParser        *self);

/* A syntax error at the next token; returns NULL. */
gpointer               practice_dynamodb_parser_fail          (PracticeDynamodbParser        *self);
/* Keeps the first error of meaning: "Invalid ConditionExpression: " and this. */
void                   practice_dynamodb_parser_note          (PracticeDynamodbParser        *self,
                                                               const char                    *format,
                                                               ...) G_GNUC_PRINTF (2, 3);
/* Goes one level deeper; FALSE with a noted error where it is too deep. */
gboolean               practice_dynamodb_parser_enter         (PracticeDynamodbParser        *self);
void                   practice_dynamodb_parser_leave         (PracticeDynamodbParser        *self);
/* Counts an operator or function. */
void                   practice_dynamodb_parser_count         (PracticeDynamodbParser        *self);

/* "a.#b[0]". NULL after a syntax error. */
PracticeDynamodbPath  *practice_dynamodb_parser_read_path     (PracticeDynamodbParser        *self);
/* ":value", as a VALUE node. NULL after a syntax error. */
PracticeDynamodbNode  *practice_dynamodb_parser_read_value    (PracticeDynamodbParser        *self);
/*
 * "name(a, b)"; NULL after a syntax error. @operand reads an operand; @check notes what is wrong with a function of a known name; one of another is an
 * error of meaning and read on as @otherwise.
 */
PracticeDynamodbNode  *practice_dynamodb_parser_read_function (PracticeDynamodbParser        *self,
                                                               PracticeDynamodbNodeKind       otherwise,
                                                               PracticeDynamodbNode        *(*operand) (PracticeDynamodbParser *self),
                                                               void                         (*check) (PracticeDynamodbParser     *self,
                                                                                                      const PracticeDynamodbNode *node));

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PracticeDynamodbParser, practice_dynamodb_parser_clear)

G_END_DECLS
