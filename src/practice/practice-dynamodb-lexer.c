/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-lexer.h"

#include <string.h>

static gboolean
is_name_char (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static gsize
count_name_chars (const char *text)
{
  gsize n = 0;

  while (is_name_char (text[n]))
    n++;
  return n;
}

static void
read_token (const char            *text,
            PracticeDynamodbToken *token)
{
  const char *p = text + token->start;

  token->length = 1;
  if (g_ascii_isdigit (*p)) {
    token->kind = PRACTICE_DYNAMODB_TOKEN_NUMBER;
    while (g_ascii_isdigit (p[token->length]))
      token->length++;
  } else if (is_name_char (*p)) {
    token->kind = PRACTICE_DYNAMODB_TOKEN_NAME;
    token->length = count_name_chars (p);
  } else if ((*p == '#' || *p == ':') && is_name_char (p[1])) {
    token->kind = *p == '#' ? PRACTICE_DYNAMODB_TOKEN_NAME_PLACEHOLDER : PRACTICE_DYNAMODB_TOKEN_VALUE_PLACEHOLDER;
    token->length = 1 + count_name_chars (p + 1);
  } else if (strchr ("=<>()[],.+-", *p) != NULL) {
    token->kind = PRACTICE_DYNAMODB_TOKEN_SYMBOL;
    if ((*p == '<' && (p[1] == '>' || p[1] == '=')) || (*p == '>' && p[1] == '='))
      token->length = 2;
  } else {
    token->kind = PRACTICE_DYNAMODB_TOKEN_FOREIGN;
    token->length = g_utf8_next_char (p) - p;
  }
}

GArray *
practice_dynamodb_lexer_run (const char *text)
{
  GArray *tokens = g_array_sized_new (FALSE, FALSE, sizeof (PracticeDynamodbToken), 16);
  PracticeDynamodbToken token = { 0 };

  while (TRUE) {
    token.start += strspn (text + token.start, " \t\r\n");
    if (text[token.start] == '\0')
      break;
    read_token (text, &token);
    g_array_append_val (tokens, token);
    token.start += token.length;
  }

  token.kind = PRACTICE_DYNAMODB_TOKEN_END;
  token.length = 0;
  g_array_append_val (tokens, token);
  return tokens;
}
