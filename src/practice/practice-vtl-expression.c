/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-parser-private.h"

#include <string.h>

static VtlExpression *
expression_new (VtlParser         *self,
                VtlExpressionKind  kind)
{
  VtlExpression *expression = practice_vtl_arena_alloc (self->arena, sizeof (VtlExpression));

  expression->kind = kind;
  return expression;
}

static VtlExpression *
expression_with (VtlParser         *self,
                 VtlExpressionKind  kind,
                 VtlExpression     *left,
                 VtlExpression     *right)
{
  VtlExpression *expression = expression_new (self, kind);

  expression->items = practice_vtl_arena_alloc (self->arena, sizeof (VtlExpression *) * 2);
  expression->items[0] = left;
  expression->items[1] = right;
  expression->n_items = right != NULL ? 2 : 1;
  return expression;
}

static VtlExpression *
parse_quoted (VtlParser *self)
{
  char quote = *self->p++;
  g_autoptr (GString) text = g_string_new (NULL);
  VtlExpression *expression;

  for (;; self->p++)
    {
      if (self->p >= self->end)
        return vtl_parser_fail (self, "A text is not closed");
      if (*self->p == quote)
        {
          if (vtl_parser_peek (self, 1) != quote)
            break;
          self->p++;
        }
      g_string_append_c (text, *self->p);
    }
  self->p++;
  if (quote == '"' && strpbrk (text->str, "$#") != NULL)
    {
      char *copy = vtl_parser_copy_text (self, text->str, text->len);
      VtlParser inner = { self->arena, copy, copy, copy + text->len, self->macros, self->depth, NULL };
      VtlBlockEnd end;

      expression = expression_new (self, VTL_TEMPLATE);
      if (vtl_parser_enter (&inner))
        expression->block = vtl_parse_block (&inner, TRUE, &end);
      if (inner.error != NULL)
        {
          if (self->error == NULL)
            self->error = g_steal_pointer (&inner.error);
          g_free (inner.error);
          return NULL;
        }
      return expression;
    }
  expression = expression_new (self, VTL_LITERAL);
  expression->literal = practice_vtl_string (self->arena, text->str, text->len);
  return expression;
}

static VtlExpression *
parse_number (VtlParser *self)
{
  const char *start = self->p;
  VtlExpression *expression = expression_new (self, VTL_LITERAL);
  g_autofree char *text = NULL;
  gboolean whole = TRUE;
  gint64 integer;

  while (g_ascii_isdigit (vtl_parser_peek (self, 0)))
    self->p++;
  if (vtl_parser_peek (self, 0) == '.' && g_ascii_isdigit (vtl_parser_peek (self, 1)))
    {
      whole = FALSE;
      self->p++;
      while (g_ascii_isdigit (vtl_parser_peek (self, 0)))
        self->p++;
    }
  text = g_strndup (start, self->p - start);
  if (whole && g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &integer, NULL))
    expression->literal = practice_vtl_integer (self->arena, integer);
  else
    expression->literal = practice_vtl_number (self->arena, g_ascii_strtod (text, NULL));
  return expression;
}

static VtlExpression *
parse_list (VtlParser *self)
{
  VtlExpression *expression = expression_new (self, VTL_LIST);
  VtlExpression *first;
  const char *start = ++self->p;

  vtl_parser_skip_blanks (self);
  if (vtl_parser_peek (self, 0) != ']')
    {
      first = vtl_parse_expression (self);
      if (first == NULL)
        return NULL;
      vtl_parser_skip_blanks (self);
      if (vtl_parser_take (self, ".."))
        {
          VtlExpression *last = vtl_parse_expression (self);

          if (last == NULL)
            return NULL;
          vtl_parser_skip_blanks (self);
          if (!vtl_parser_take (self, "]"))
            return vtl_parser_fail (self, "A range ends with \"]\"");
          return expression_with (self, VTL_RANGE, first, last);
        }
    }
  self->p = start;
  return vtl_parse_items (self, ']', FALSE, FALSE, &expression->items, &expression->n_items) ? expression : NULL;
}

static VtlExpression *
parse_primary (VtlParser *self)
{
  VtlExpression *expression;
  char c;

  vtl_parser_skip_blanks (self);
  c = vtl_parser_peek (self, 0);
  if (c == '(')
    {
      self->p++;
      expression = vtl_parse_expression (self);
      vtl_parser_skip_blanks (self);
      if (expression != NULL && !vtl_parser_take (self, ")"))
        return vtl_parser_fail (self, "Expected \")\"");
      return expression;
    }
  if (c == '"' || c == '\'')
    return parse_quoted (self);
  if (c == '[')
    return parse_list (self);
  if (c == '{')
    {
      expression = expression_new (self, VTL_MAP);
      self->p++;
      if (!vtl_parse_items (self, '}', TRUE, FALSE, &expression->items, &expression->n_items))
        return NULL;
      return expression->n_items % 2 == 0 ? expression : vtl_parser_fail (self, "A map needs a value for each key");
    }
  if (c == '$')
    {
      expression = expression_new (self, VTL_REFERENCE);
      expression->reference = vtl_parse_reference (self);
      return expression->reference != NULL ? expression : vtl_parser_fail (self, "Expected a name after \"$\"");
    }
  if (g_ascii_isdigit (c))
    return parse_number (self);
  if (vtl_parser_take_word (self, "true") || vtl_parser_take_word (self, "false"))
    {
      expression = expression_new (self, VTL_LITERAL);
      expression->literal = practice_vtl_boolean (self->arena, self->p[-2] == 'u');
      return expression;
    }
  if (vtl_parser_take_word (self, "null"))
    return expression_new (self, VTL_LITERAL);
  return vtl_parser_fail (self, "Expected a value");
}

static VtlExpression *
parse_unary (VtlParser *self)
{
  VtlExpression *expression = NULL;
  VtlExpressionKind kind;

  if (!vtl_parser_enter (self))
    return NULL;
  vtl_parser_skip_blanks (self);
  if ((vtl_parser_peek (self, 0) == '!' && vtl_parser_peek (self, 1) != '=' && vtl_parser_take (self, "!")) || vtl_parser_take_word (self, "not"))
    kind = VTL_NOT;
  else if (vtl_parser_take (self, "-"))
    kind = VTL_NEGATE;
  else
    {
      expression = parse_primary (self);
      self->depth--;
      return expression;
    }
  expression = parse_unary (self);
  self->depth--;
  return expression != NULL ? expression_with (self, kind, expression, NULL) : NULL;
}

typedef struct {
  const char        *sign;
  const char        *word;
  guint              level;
  VtlExpressionKind  kind;
} Operator;

/* Longer signs before those they begin with. */
static const Operator operators[] = {
  { "||", "or", 1, VTL_OR },
  { "&&", "and", 2, VTL_AND },
  { "==", "eq", 3, VTL_EQ },
  { "!=", "ne", 3, VTL_NE },
  { "<=", "le", 4, VTL_LE },
  { ">=", "ge", 4, VTL_GE },
  { "<", "lt", 4, VTL_LT },
  { ">", "gt", 4, VTL_GT },
  { "+", NULL, 5, VTL_ADD },
  { "-", NULL, 5, VTL_SUB },
  { "*", NULL, 6, VTL_MUL },
  { "/", NULL, 6, VTL_DIV },
  { "%", NULL, 6, VTL_MOD },
};

static VtlExpression *
parse_binary (VtlParser *self,
              guint      level)
{
  VtlExpression *left = parse_unary (self);

  while (left != NULL)
    {
      const Operator *found = NULL;
      const char *before = self->p;
      VtlExpression *right;

      vtl_parser_skip_blanks (self);
      for (guint i = 0; i < G_N_ELEMENTS (operators) && found == NULL; i++)
        if (operators[i].level >= level &&
            (vtl_parser_take (self, operators[i].sign) || (operators[i].word != NULL && vtl_parser_take_word (self, operators[i].word))))
          found = &operators[i];
      if (found == NULL)
        {
          self->p = before;
          break;
        }
      if (!vtl_parser_enter (self))
        return NULL;
      right = parse_binary (self, found->level + 1);
      self->depth--;
      left = right != NULL ? expression_with (self, found->kind, left, right) : NULL;
    }
  return left;
}

VtlExpression *
vtl_parse_expression (VtlParser *self)
{
  VtlExpression *expression;

  if (!vtl_parser_enter (self))
    return NULL;
  expression = parse_binary (self, 1);
  self->depth--;
  return expression;
}

gboolean
vtl_parse_items (VtlParser       *self,
                 char             close,
                 gboolean         pairs,
                 gboolean         blanks,
                 VtlExpression ***items,
                 guint           *n_items)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  vtl_parser_skip_blanks (self);
  while (vtl_parser_peek (self, 0) != close)
    {
      VtlExpression *item = vtl_parse_expression (self);

      if (item == NULL)
        return FALSE;
      g_ptr_array_add (list, item);
      vtl_parser_skip_blanks (self);
      if (pairs && list->len % 2 == 1)
        {
          if (!vtl_parser_take (self, ":"))
            return vtl_parser_fail (self, "A map needs \":\" between key and value") != NULL;
          continue;
        }
      if (vtl_parser_take (self, ","))
        vtl_parser_skip_blanks (self);
      else if (vtl_parser_peek (self, 0) != close && !blanks)
        return vtl_parser_fail (self, close == ')' ? "Expected \",\" or \")\" after an argument" :
                                      close == ']' ? "Expected \",\" or \"]\" in a list" : "Expected \",\" or \"}\" in a map") != NULL;
    }
  self->p++;
  *n_items = list->len;
  *items = practice_vtl_arena_alloc (self->arena, sizeof (VtlExpression *) * MAX (1, list->len));
  if (list->len > 0)
    memcpy (*items, list->pdata, sizeof (VtlExpression *) * list->len);
  return TRUE;
}

VtlReference *
vtl_parse_reference (VtlParser *self)
{
  const char *start = self->p;
  VtlReference *reference;
  VtlStep **tail;
  gboolean formal;
  const char *name;

  self->p++;
  vtl_parser_take (self, "!");
  formal = vtl_parser_take (self, "{");
  name = vtl_parser_take_name (self);
  if (name == NULL)
    {
      self->p = start;
      return NULL;
    }
  reference = practice_vtl_arena_alloc (self->arena, sizeof (VtlReference));
  reference->name = name;
  tail = &reference->steps;
  for (;;)
    {
      VtlStep *step = NULL;

      if (vtl_parser_peek (self, 0) == '.' && (g_ascii_isalpha (vtl_parser_peek (self, 1)) || vtl_parser_peek (self, 1) == '_'))
        {
          step = practice_vtl_arena_alloc (self->arena, sizeof (VtlStep));
          self->p++;
          step->kind = VTL_STEP_PROPERTY;
          step->name = vtl_parser_take_name (self);
          if (vtl_parser_take (self, "("))
            {
              step->kind = VTL_STEP_METHOD;
              if (!vtl_parse_items (self, ')', FALSE, FALSE, &step->args, &step->n_args))
                return NULL;
            }
        }
      else if (vtl_parser_peek (self, 0) == '[')
        {
          const char *bracket = self->p;

          step = practice_vtl_arena_alloc (self->arena, sizeof (VtlStep));
          self->p++;
          step->kind = VTL_STEP_INDEX;
          if (!vtl_parse_items (self, ']', FALSE, FALSE, &step->args, &step->n_args) || step->n_args != 1)
            {
              /* Text that happens to follow: "$name[sic]". */
              g_clear_pointer (&self->error, g_free);
              self->p = bracket;
              step = NULL;
            }
        }
      if (step == NULL)
        break;
      *tail = step;
      tail = &step->next;
    }
  if (formal && !vtl_parser_take (self, "}"))
    {
      self->p = start;
      return NULL;
    }
  return reference;
}
