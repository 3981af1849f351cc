/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-parser.h"

#include <string.h>

#include "practice-dynamodb-error.h"
#include "practice-dynamodb-words.h"

/* Developer Guide, "Limits": expression parameters. */
#define EXPRESSION_MAX 4096
#define OPERATORS_MAX 300
#define STEPS_MAX 32
/* Parentheses, NOTs and functions inside each other; keeps the stack small. */
#define DEPTH_MAX 300

static const PracticeDynamodbToken *
peek (PracticeDynamodbParser *self,
      guint                   ahead)
{
  guint at = MIN (self->position + ahead, self->tokens->len - 1);

  return &g_array_index (self->tokens, PracticeDynamodbToken, at);
}

static gboolean
token_is (PracticeDynamodbParser      *self,
          const PracticeDynamodbToken *token,
          const char                  *text)
{
  return token->length == strlen (text) && g_ascii_strncasecmp (self->text + token->start, text, token->length) == 0;
}

static gboolean
read_name (PracticeDynamodbParser *self,
           PracticeDynamodbPath   *path)
{
  g_autofree char *text = NULL;
  const char *name;

  if (practice_dynamodb_parser_is_kind (self, PRACTICE_DYNAMODB_TOKEN_NAME)) {
    text = practice_dynamodb_parser_take (self);
    if (practice_dynamodb_words_reserve (text))
      practice_dynamodb_parser_note (self, "Attribute name is a reserved keyword; reserved keyword: %s", text);
    practice_dynamodb_path_add_name (path, text);
    return TRUE;
  }
  if (practice_dynamodb_parser_is_kind (self, PRACTICE_DYNAMODB_TOKEN_NAME_PLACEHOLDER)) {
    text = practice_dynamodb_parser_take (self);
    name = practice_dynamodb_placeholders_get_name (self->placeholders, text);
    if (name == NULL)
      practice_dynamodb_parser_note (self, "An expression attribute name used in the document path is not defined; attribute name: %s", text);
    practice_dynamodb_path_add_name (path, name != NULL ? name : text);
    return TRUE;
  }
  practice_dynamodb_parser_fail (self);
  return FALSE;
}

gboolean
practice_dynamodb_parser_init (PracticeDynamodbParser        *self,
                               const char                    *kind,
                               const char                    *text,
                               PracticeDynamodbPlaceholders  *placeholders,
                               GError                       **error)
{
  gsize length = strlen (text);

  memset (self, 0, sizeof *self);
  self->kind = kind;
  self->text = text;
  self->placeholders = placeholders;

  if (length == 0)
    return practice_dynamodb_invalid (error, "Invalid %s: The expression can not be empty;", kind);
  if (length > EXPRESSION_MAX)
    return practice_dynamodb_invalid (error, "Invalid %s: Expression size has exceeded the maximum allowed size; expression size: %" G_GSIZE_FORMAT, kind, length);
  if (!g_utf8_validate (text, length, NULL))
    return practice_dynamodb_unreadable (error, "%s is not valid UTF-8", kind);
  self->tokens = practice_dynamodb_lexer_run (text);
  return TRUE;
}

void
practice_dynamodb_parser_clear (PracticeDynamodbParser *self)
{
  g_clear_pointer (&self->tokens, g_array_unref);
  g_clear_error (&self->syntax);
  g_clear_error (&self->meaning);
}

gboolean
practice_dynamodb_parser_finish (PracticeDynamodbParser  *self,
                                 GError                 **error)
{
  if (self->syntax == NULL && !practice_dynamodb_parser_is_kind (self, PRACTICE_DYNAMODB_TOKEN_END))
    practice_dynamodb_parser_fail (self);

  if (self->syntax != NULL) {
    g_propagate_error (error, g_steal_pointer (&self->syntax));
    return FALSE;
  }
  if (self->meaning != NULL) {
    g_propagate_error (error, g_steal_pointer (&self->meaning));
    return FALSE;
  }
  return TRUE;
}

gboolean
practice_dynamodb_parser_is_kind (PracticeDynamodbParser    *self,
                                  PracticeDynamodbTokenKind  kind)
{
  return peek (self, 0)->kind == kind;
}

gboolean
practice_dynamodb_parser_is_symbol (PracticeDynamodbParser *self,
                                    const char             *symbol)
{
  const PracticeDynamodbToken *token = peek (self, 0);

  return token->kind == PRACTICE_DYNAMODB_TOKEN_SYMBOL && token_is (self, token, symbol);
}

gboolean
practice_dynamodb_parser_is_word (PracticeDynamodbParser *self,
                                  const char             *word)
{
  const PracticeDynamodbToken *token = peek (self, 0);

  return token->kind == PRACTICE_DYNAMODB_TOKEN_NAME && token_is (self, token, word);
}

gboolean
practice_dynamodb_parser_is_function (PracticeDynamodbParser *self)
{
  const PracticeDynamodbToken *next = peek (self, 1);

  return practice_dynamodb_parser_is_kind (self, PRACTICE_DYNAMODB_TOKEN_NAME) &&
         next->kind == PRACTICE_DYNAMODB_TOKEN_SYMBOL && token_is (self, next, "(");
}

gboolean
practice_dynamodb_parser_accept_symbol (PracticeDynamodbParser *self,
                                        const char             *symbol)
{
  if (!practice_dynamodb_parser_is_symbol (self, symbol))
    return FALSE;
  self->position++;
  return TRUE;
}

gboolean
practice_dynamodb_parser_accept_word (PracticeDynamodbParser *self,
                                      const char             *word)
{
  if (!practice_dynamodb_parser_is_word (self, word))
    return FALSE;
  self->position++;
  return TRUE;
}

gboolean
practice_dynamodb_parser_expect_symbol (PracticeDynamodbParser *self,
                                        const char             *symbol)
{
  if (practice_dynamodb_parser_accept_symbol (self, symbol))
    return TRUE;
  practice_dynamodb_parser_fail (self);
  return FALSE;
}

char *
practice_dynamodb_parser_take (PracticeDynamodbParser *self)
{
  const PracticeDynamodbToken *token = peek (self, 0);

  if (token->kind != PRACTICE_DYNAMODB_TOKEN_END)
    self->position++;
  return g_strndup (self->text + token->start, token->length);
}

gpointer
practice_dynamodb_parser_fail (PracticeDynamodbParser *self)
{
  const PracticeDynamodbToken *token = peek (self, 0);
  const PracticeDynamodbToken *next = peek (self, 1);
  gsize start = token->start;
  g_autofree char *culprit = NULL;
  g_autofree char *near = NULL;

  if (self->syntax != NULL)
    return NULL;

  if (self->position > 0)
    start = g_array_index (self->tokens, PracticeDynamodbToken, self->position - 1).start;
  culprit = token->kind == PRACTICE_DYNAMODB_TOKEN_END ? g_strdup ("<EOF>") : g_strndup (self->text + token->start, token->length);
  near = g_strndup (self->text + start, next->start + next->length - start);
  g_strchomp (near);
  practice_dynamodb_invalid (&self->syntax, "Invalid %s: Syntax error; token: \"%s\", near: \"%s\"", self->kind, culprit, near);
  return NULL;
}

void
practice_dynamodb_parser_note (PracticeDynamodbParser *self,
                               const char             *format,
                               ...)
{
  g_autofree char *message = NULL;
  va_list args;

  if (self->meaning != NULL)
    return;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  practice_dynamodb_invalid (&self->meaning, "Invalid %s: %s", self->kind, message);
}

gboolean
practice_dynamodb_parser_enter (PracticeDynamodbParser *self)
{
  if (++self->depth <= DEPTH_MAX)
    return TRUE;
  if (self->syntax == NULL)
    practice_dynamodb_invalid (&self->syntax, "Invalid %s: The expression is nested too deeply; maximum depth: %d", self->kind, DEPTH_MAX);
  return FALSE;
}

void
practice_dynamodb_parser_leave (PracticeDynamodbParser *self)
{
  self->depth--;
}

void
practice_dynamodb_parser_count (PracticeDynamodbParser *self)
{
  if (++self->operators > OPERATORS_MAX)
    practice_dynamodb_parser_note (self, "The expression contains too many operators and functions; maximum: %d", OPERATORS_MAX);
}

PracticeDynamodbPath *
practice_dynamodb_parser_read_path (PracticeDynamodbParser *self)
{
  g_autoptr (PracticeDynamodbPath) path = practice_dynamodb_path_new ();

  if (!read_name (self, path))
    return NULL;

  while (TRUE) {
    if (practice_dynamodb_parser_accept_symbol (self, ".")) {
      if (!read_name (self, path))
        return NULL;
    } else if (practice_dynamodb_parser_accept_symbol (self, "[")) {
      g_autofree char *text = NULL;
      guint64 index;

      if (!practice_dynamodb_parser_is_kind (self, PRACTICE_DYNAMODB_TOKEN_NUMBER))
        return practice_dynamodb_parser_fail (self);
      text = practice_dynamodb_parser_take (self);
      index = g_ascii_strtoull (text, NULL, 10);
      if (index > G_MAXINT32)
        practice_dynamodb_parser_note (self, "List index is not within the allowable range; index: [%s]", text);
      practice_dynamodb_path_add_index (path, MIN (index, G_MAXINT32));
      if (!practice_dynamodb_parser_expect_symbol (self, "]"))
        return NULL;
    } else {
      break;
    }
  }

  if (path->steps->len > STEPS_MAX)
    practice_dynamodb_parser_note (self, "The document path has too many nesting elements; nesting elements: %u", path->steps->len);
  return g_steal_pointer (&path);
}

PracticeDynamodbNode *
practice_dynamodb_parser_read_value (PracticeDynamodbParser *self)
{
  g_autofree char *text = NULL;
  PracticeDynamodbValue *value;

  if (!practice_dynamodb_parser_is_kind (self, PRACTICE_DYNAMODB_TOKEN_VALUE_PLACEHOLDER))
    return practice_dynamodb_parser_fail (self);

  text = practice_dynamodb_parser_take (self);
  value = practice_dynamodb_placeholders_get_value (self->placeholders, text);
  if (value == NULL) {
    practice_dynamodb_parser_note (self, "An expression attribute value used in expression is not defined; attribute value: %s", text);
    return practice_dynamodb_node_new_value (practice_dynamodb_value_new_string (text));
  }
  return practice_dynamodb_node_new_value (practice_dynamodb_value_ref (value));
}

PracticeDynamodbNode *
practice_dynamodb_parser_read_function (PracticeDynamodbParser    *self,
                                        PracticeDynamodbNodeKind   otherwise,
                                        PracticeDynamodbNode    *(*operand) (PracticeDynamodbParser *self),
                                        void                     (*check) (PracticeDynamodbParser     *self,
                                                                           const PracticeDynamodbNode *node))
{
  g_autofree char *name = practice_dynamodb_parser_take (self);
  g_autoptr (PracticeDynamodbNode) node = NULL;
  PracticeDynamodbNodeKind kind;
  gboolean known = practice_dynamodb_node_find_function (name, &kind);

  if (!known)
    practice_dynamodb_parser_note (self, "Invalid function name; function: %s", name);
  node = practice_dynamodb_node_new (known ? kind : otherwise);
  practice_dynamodb_parser_count (self);

  if (!practice_dynamodb_parser_expect_symbol (self, "(") || !practice_dynamodb_parser_enter (self))
    return NULL;
  do {
    PracticeDynamodbNode *next = operand (self);

    if (next == NULL)
      return NULL;
    practice_dynamodb_node_add (node, next);
  } while (practice_dynamodb_parser_accept_symbol (self, ","));
  if (!practice_dynamodb_parser_expect_symbol (self, ")"))
    return NULL;
  practice_dynamodb_parser_leave (self);

  if (known)
    check (self, node);
  return g_steal_pointer (&node);
}
