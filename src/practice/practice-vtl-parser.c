/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-ast.h"

#include <string.h>

#define MAX_DEPTH 200

typedef struct {
  PracticeVtlArena *arena;
  const char       *start;
  const char       *p;
  const char       *end;
  GHashTable       *macros;  /* name -> VtlMacro, shared with texts in double quotes */
  guint             depth;
  char             *error;
} Parser;

/* What ended a block. */
typedef enum { AT_END_OF_TEXT, AT_END, AT_ELSE, AT_ELSEIF } BlockEnd;

static VtlNode *parse_block (Parser   *self,
                             gboolean  top,
                             BlockEnd *end);
static VtlExpression *parse_expression (Parser *self);

static gpointer
fail (Parser     *self,
      const char *what)
{
  guint line = 1;
  guint column = 1;

  if (self->error != NULL)
    return NULL;
  for (const char *p = self->start; p < self->p && p < self->end; p++)
    {
      column++;
      if (*p == '\n')
        {
          line++;
          column = 1;
        }
    }
  self->error = g_strdup_printf ("%s (line %u, column %u of the template)", what, line, column);
  return NULL;
}

static char *
copy_text (Parser     *self,
           const char *text,
           gsize       length)
{
  char *copy = practice_vtl_arena_alloc (self->arena, length + 1);

  memcpy (copy, text, length);
  return copy;
}

static gboolean
enter (Parser *self)
{
  if (++self->depth <= MAX_DEPTH)
    return TRUE;
  fail (self, "The template is nested too deeply");
  return FALSE;
}

static void
skip_blanks (Parser *self)
{
  while (self->p < self->end && g_ascii_isspace (*self->p))
    self->p++;
}

static char
peek (Parser *self,
      gsize   ahead)
{
  return (gsize) (self->end - self->p) > ahead ? self->p[ahead] : '\0';
}

static gboolean
take (Parser     *self,
      const char *token)
{
  gsize length = strlen (token);

  if ((gsize) (self->end - self->p) < length || memcmp (self->p, token, length) != 0)
    return FALSE;
  self->p += length;
  return TRUE;
}

/* A word of letters, as "and": not the beginning of a longer one. */
static gboolean
take_word (Parser     *self,
           const char *word)
{
  gsize length = strlen (word);

  if (g_ascii_isalnum (peek (self, length)) || peek (self, length) == '_')
    return FALSE;
  return take (self, word);
}

static const char *
parse_name (Parser *self)
{
  const char *start = self->p;

  if (!g_ascii_isalpha (peek (self, 0)) && peek (self, 0) != '_')
    return NULL;
  while (g_ascii_isalnum (peek (self, 0)) || peek (self, 0) == '_' || peek (self, 0) == '-')
    self->p++;
  return copy_text (self, start, self->p - start);
}

static VtlExpression *
expression_new (Parser            *self,
                VtlExpressionKind  kind)
{
  VtlExpression *expression = practice_vtl_arena_alloc (self->arena, sizeof (VtlExpression));

  expression->kind = kind;
  return expression;
}

static VtlExpression *
expression_with (Parser            *self,
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

/* Expressions up to @close, with commas (or blanks alone, as in macro calls) between them. */
static gboolean
parse_items (Parser          *self,
             char             close,
             gboolean         pairs,
             gboolean         blanks,
             VtlExpression ***items,
             guint           *n_items)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  skip_blanks (self);
  while (peek (self, 0) != close)
    {
      VtlExpression *item = parse_expression (self);

      if (item == NULL)
        return FALSE;
      g_ptr_array_add (list, item);
      skip_blanks (self);
      if (pairs && list->len % 2 == 1)
        {
          if (!take (self, ":"))
            return fail (self, "A map needs \":\" between key and value") != NULL;
          continue;
        }
      if (take (self, ","))
        skip_blanks (self);
      else if (peek (self, 0) != close && !blanks)
        return fail (self, close == ')' ? "Expected \",\" or \")\" after an argument" :
                           close == ']' ? "Expected \",\" or \"]\" in a list" : "Expected \",\" or \"}\" in a map") != NULL;
    }
  self->p++;
  *n_items = list->len;
  *items = practice_vtl_arena_alloc (self->arena, sizeof (VtlExpression *) * MAX (1, list->len));
  if (list->len > 0)
    memcpy (*items, list->pdata, sizeof (VtlExpression *) * list->len);
  return TRUE;
}

/* A reference at "$"; NULL without an error where the text is none ("$5"), which leaves the place as it was. */
static VtlReference *
parse_reference (Parser *self)
{
  const char *start = self->p;
  VtlReference *reference;
  VtlStep **tail;
  gboolean formal;
  const char *name;

  self->p++;
  take (self, "!");
  formal = take (self, "{");
  name = parse_name (self);
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

      if (peek (self, 0) == '.' && (g_ascii_isalpha (peek (self, 1)) || peek (self, 1) == '_'))
        {
          step = practice_vtl_arena_alloc (self->arena, sizeof (VtlStep));
          self->p++;
          step->kind = VTL_STEP_PROPERTY;
          step->name = parse_name (self);
          if (take (self, "("))
            {
              step->kind = VTL_STEP_METHOD;
              if (!parse_items (self, ')', FALSE, FALSE, &step->args, &step->n_args))
                return NULL;
            }
        }
      else if (peek (self, 0) == '[')
        {
          const char *bracket = self->p;

          step = practice_vtl_arena_alloc (self->arena, sizeof (VtlStep));
          self->p++;
          step->kind = VTL_STEP_INDEX;
          if (!parse_items (self, ']', FALSE, FALSE, &step->args, &step->n_args) || step->n_args != 1)
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
  if (formal && !take (self, "}"))
    {
      self->p = start;
      return NULL;
    }
  return reference;
}

static VtlExpression *
parse_quoted (Parser *self)
{
  char quote = *self->p++;
  g_autoptr (GString) text = g_string_new (NULL);
  VtlExpression *expression;

  for (;; self->p++)
    {
      if (self->p >= self->end)
        return fail (self, "A text is not closed");
      if (*self->p == quote)
        {
          if (peek (self, 1) != quote)
            break;
          self->p++;
        }
      g_string_append_c (text, *self->p);
    }
  self->p++;
  if (quote == '"' && strpbrk (text->str, "$#") != NULL)
    {
      char *copy = copy_text (self, text->str, text->len);
      Parser inner = { self->arena, copy, copy, copy + text->len, self->macros, self->depth, NULL };
      BlockEnd end;

      expression = expression_new (self, VTL_TEMPLATE);
      if (!enter (&inner))
        ;
      else
        expression->block = parse_block (&inner, TRUE, &end);
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
parse_number (Parser *self)
{
  const char *start = self->p;
  VtlExpression *expression = expression_new (self, VTL_LITERAL);
  g_autofree char *text = NULL;
  gboolean whole = TRUE;
  gint64 integer;

  while (g_ascii_isdigit (peek (self, 0)))
    self->p++;
  if (peek (self, 0) == '.' && g_ascii_isdigit (peek (self, 1)))
    {
      whole = FALSE;
      self->p++;
      while (g_ascii_isdigit (peek (self, 0)))
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
parse_list (Parser *self)
{
  VtlExpression *expression = expression_new (self, VTL_LIST);
  VtlExpression *first;
  const char *start = ++self->p;

  skip_blanks (self);
  if (peek (self, 0) != ']')
    {
      first = parse_expression (self);
      if (first == NULL)
        return NULL;
      skip_blanks (self);
      if (take (self, ".."))
        {
          VtlExpression *last = parse_expression (self);

          if (last == NULL)
            return NULL;
          skip_blanks (self);
          if (!take (self, "]"))
            return fail (self, "A range ends with \"]\"");
          return expression_with (self, VTL_RANGE, first, last);
        }
    }
  self->p = start;
  return parse_items (self, ']', FALSE, FALSE, &expression->items, &expression->n_items) ? expression : NULL;
}

static VtlExpression *
parse_primary (Parser *self)
{
  VtlExpression *expression;
  char c;

  skip_blanks (self);
  c = peek (self, 0);
  if (c == '(')
    {
      self->p++;
      expression = parse_expression (self);
      skip_blanks (self);
      if (expression != NULL && !take (self, ")"))
        return fail (self, "Expected \")\"");
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
      if (!parse_items (self, '}', TRUE, FALSE, &expression->items, &expression->n_items))
        return NULL;
      return expression->n_items % 2 == 0 ? expression : fail (self, "A map needs a value for each key");
    }
  if (c == '$')
    {
      expression = expression_new (self, VTL_REFERENCE);
      expression->reference = parse_reference (self);
      return expression->reference != NULL ? expression : fail (self, "Expected a name after \"$\"");
    }
  if (g_ascii_isdigit (c))
    return parse_number (self);
  if (take_word (self, "true") || take_word (self, "false"))
    {
      expression = expression_new (self, VTL_LITERAL);
      expression->literal = practice_vtl_boolean (self->arena, self->p[-2] == 'u');
      return expression;
    }
  if (take_word (self, "null"))
    return expression_new (self, VTL_LITERAL);
  return fail (self, "Expected a value");
}

static VtlExpression *
parse_unary (Parser *self)
{
  VtlExpression *expression = NULL;
  VtlExpressionKind kind;

  if (!enter (self))
    return NULL;
  skip_blanks (self);
  if ((peek (self, 0) == '!' && peek (self, 1) != '=' && take (self, "!")) || take_word (self, "not"))
    kind = VTL_NOT;
  else if (take (self, "-"))
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
parse_binary (Parser *self,
              guint   level)
{
  VtlExpression *left = parse_unary (self);

  while (left != NULL)
    {
      const Operator *found = NULL;
      const char *before = self->p;
      VtlExpression *right;

      skip_blanks (self);
      for (guint i = 0; i < G_N_ELEMENTS (operators) && found == NULL; i++)
        if (operators[i].level >= level &&
            (take (self, operators[i].sign) || (operators[i].word != NULL && take_word (self, operators[i].word))))
          found = &operators[i];
      if (found == NULL)
        {
          self->p = before;
          break;
        }
      if (!enter (self))
        return NULL;
      right = parse_binary (self, found->level + 1);
      self->depth--;
      left = right != NULL ? expression_with (self, found->kind, left, right) : NULL;
    }
  return left;
}

static VtlExpression *
parse_expression (Parser *self)
{
  VtlExpression *expression;

  if (!enter (self))
    return NULL;
  expression = parse_binary (self, 1);
  self->depth--;
  return expression;
}

static gboolean
expect_open (Parser *self)
{
  skip_blanks (self);
  return take (self, "(") || fail (self, "Expected \"(\" after a directive") != NULL;
}

static gboolean
expect_close (Parser *self)
{
  skip_blanks (self);
  return take (self, ")") || fail (self, "Expected \")\" at the end of a directive") != NULL;
}

/* A directive takes the rest of its line with it where that is blank. */
static void
skip_line_end (Parser *self)
{
  const char *p = self->p;

  while (p < self->end && (*p == ' ' || *p == '\t'))
    p++;
  if (p < self->end && *p == '\r')
    p++;
  if (p < self->end && *p == '\n')
    self->p = p + 1;
}

static VtlNode *
node_new (Parser      *self,
          VtlNodeKind  kind)
{
  VtlNode *node = practice_vtl_arena_alloc (self->arena, sizeof (VtlNode));

  node->kind = kind;
  return node;
}

static VtlReference *
parse_variable (Parser *self)
{
  VtlReference *reference;

  skip_blanks (self);
  if (peek (self, 0) != '$')
    return fail (self, "Expected a variable, as \"$name\"");
  reference = parse_reference (self);
  return reference != NULL ? reference : fail (self, "Expected a variable, as \"$name\"");
}

static VtlNode *
parse_set (Parser *self)
{
  VtlNode *node = node_new (self, VTL_NODE_SET);

  if (!expect_open (self) || (node->reference = parse_variable (self)) == NULL)
    return NULL;
  skip_blanks (self);
  if (!take (self, "="))
    return fail (self, "#set needs \"=\" after the variable");
  node->expression = parse_expression (self);
  return node->expression != NULL && expect_close (self) ? node : NULL;
}

static VtlBranch *
branch_new (Parser        *self,
            VtlExpression *condition)
{
  VtlBranch *branch = practice_vtl_arena_alloc (self->arena, sizeof (VtlBranch));

  branch->condition = condition;
  return branch;
}

static VtlNode *
parse_if (Parser *self)
{
  VtlNode *node = node_new (self, VTL_NODE_IF);
  VtlBranch **tail = &node->branches;
  BlockEnd end = AT_ELSEIF;

  while (end == AT_ELSEIF || end == AT_ELSE)
    {
      VtlExpression *condition = NULL;

      if (end == AT_ELSEIF)
        {
          if (!expect_open (self) || (condition = parse_expression (self)) == NULL || !expect_close (self))
            return NULL;
        }
      else if (tail != &node->branches && end == AT_ELSE && node->length++ > 0)
        return fail (self, "An #if has one #else only");
      skip_line_end (self);
      *tail = branch_new (self, condition);
      (*tail)->block = parse_block (self, FALSE, &end);
      if (self->error != NULL)
        return NULL;
      tail = &(*tail)->next;
    }
  return node;
}

static VtlNode *
parse_foreach (Parser *self)
{
  VtlNode *node = node_new (self, VTL_NODE_FOREACH);
  BlockEnd end;

  if (!expect_open (self) || (node->reference = parse_variable (self)) == NULL)
    return NULL;
  skip_blanks (self);
  if (!take_word (self, "in"))
    return fail (self, "#foreach needs \"in\" after the variable");
  if ((node->expression = parse_expression (self)) == NULL || !expect_close (self))
    return NULL;
  skip_line_end (self);
  node->branches = branch_new (self, NULL);
  node->branches->block = parse_block (self, FALSE, &end);
  if (self->error == NULL && end == AT_ELSE)
    {
      skip_line_end (self);
      node->branches->next = branch_new (self, NULL);
      node->branches->next->block = parse_block (self, FALSE, &end);
    }
  if (self->error == NULL && end != AT_END)
    return fail (self, "#foreach has no #elseif");
  return self->error == NULL ? node : NULL;
}

static VtlNode *
parse_define (Parser *self)
{
  VtlNode *node = node_new (self, VTL_NODE_DEFINE);
  BlockEnd end;

  if (!expect_open (self) || (node->reference = parse_variable (self)) == NULL || !expect_close (self))
    return NULL;
  skip_line_end (self);
  node->branches = branch_new (self, NULL);
  node->branches->block = parse_block (self, FALSE, &end);
  if (self->error == NULL && end != AT_END)
    return fail (self, "#define ends with #end");
  return self->error == NULL ? node : NULL;
}

static gboolean
parse_macro (Parser *self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  VtlMacro *macro = practice_vtl_arena_alloc (self->arena, sizeof (VtlMacro));
  BlockEnd end;

  if (!expect_open (self))
    return FALSE;
  skip_blanks (self);
  if ((macro->name = parse_name (self)) == NULL)
    return fail (self, "#macro needs a name") != NULL;
  for (;;)
    {
      VtlReference *parameter;

      skip_blanks (self);
      if (take (self, ","))
        skip_blanks (self);
      if (take (self, ")"))
        break;
      if ((parameter = parse_variable (self)) == NULL)
        return FALSE;
      g_ptr_array_add (names, (gpointer) parameter->name);
    }
  skip_line_end (self);
  macro->n_parameters = names->len;
  macro->parameters = practice_vtl_arena_alloc (self->arena, sizeof (char *) * MAX (1, names->len));
  if (names->len > 0)
    memcpy (macro->parameters, names->pdata, sizeof (char *) * names->len);
  /* Known before its body is read: a macro may call itself. */
  g_hash_table_insert (self->macros, (gpointer) macro->name, macro);
  macro->block = parse_block (self, FALSE, &end);
  if (self->error == NULL && end != AT_END)
    return fail (self, "#macro ends with #end") != NULL;
  return self->error == NULL;
}

/* The directive's name at "#", or NULL where this is text. The place is after the name then. */
static const char *
parse_directive_name (Parser *self)
{
  static const char *const known[] = { "set", "if", "elseif", "else", "end", "foreach", "break", "stop", "define", "macro" };
  const char *start = self->p;
  gboolean formal;
  const char *name;

  self->p++;
  formal = take (self, "{");
  name = parse_name (self);
  if (name != NULL && (!formal || take (self, "}")))
    {
      for (guint i = 0; i < G_N_ELEMENTS (known); i++)
        if (g_str_equal (name, known[i]))
          return known[i];
      if (g_hash_table_contains (self->macros, name))
        return name;
      if (!formal)
        {
          /* "#elsefoo" is an #else and text. */
          for (guint i = 0; i < G_N_ELEMENTS (known); i++)
            if ((g_str_equal (known[i], "else") || g_str_equal (known[i], "end")) && g_str_has_prefix (name, known[i]))
              {
                self->p = start + 1 + strlen (known[i]);
                return known[i];
              }
        }
    }
  self->p = start;
  return NULL;
}

static void
flush_text (Parser    *self,
            GString   *text,
            VtlNode ***tail)
{
  VtlNode *node;

  if (text->len == 0)
    return;
  node = node_new (self, VTL_NODE_TEXT);
  node->text = copy_text (self, text->str, text->len);
  node->length = text->len;
  **tail = node;
  *tail = &node->next;
  g_string_truncate (text, 0);
}

/* Comments and unparsed text at "#". */
static gboolean
skip_comment (Parser  *self,
              GString *text)
{
  const char *close;

  if (peek (self, 1) == '#')
    {
      close = memchr (self->p, '\n', self->end - self->p);
      self->p = close != NULL ? close + 1 : self->end;
      return TRUE;
    }
  if (peek (self, 1) == '*')
    {
      close = g_strstr_len (self->p + 2, self->end - self->p - 2, "*#");
      self->p = close != NULL ? close + 2 : self->end;
      return TRUE;
    }
  if (peek (self, 1) == '[' && peek (self, 2) == '[')
    {
      close = g_strstr_len (self->p + 3, self->end - self->p - 3, "]]#");
      if (close == NULL)
        {
          fail (self, "\"#[[\" is not closed by \"]]#\"");
          return TRUE;
        }
      g_string_append_len (text, self->p + 3, close - self->p - 3);
      self->p = close + 3;
      return TRUE;
    }
  return FALSE;
}

/* Backslashes escape a reference or directive that follows: pairs stand for one each, a last single one makes it text. */
static void
parse_backslashes (Parser  *self,
                   GString *text)
{
  const char *run = self->p;
  const char *what;
  gsize count;
  gboolean special = FALSE;

  while (peek (self, 0) == '\\')
    self->p++;
  count = self->p - run;
  what = self->p;
  if (peek (self, 0) == '$')
    special = parse_reference (self) != NULL;
  else if (peek (self, 0) == '#')
    special = parse_directive_name (self) != NULL;
  if (self->error != NULL)
    return;
  if (!special)
    {
      g_string_append_len (text, run, count);
      self->p = what;
      return;
    }
  g_string_append_len (text, run, count / 2);
  if (count % 2 == 1)
    g_string_append_len (text, what, self->p - what);
  else
    self->p = what;
}

static VtlNode *
parse_directive (Parser     *self,
                 const char *name)
{
  VtlNode *node;

  if (g_str_equal (name, "set"))
    node = parse_set (self);
  else if (g_str_equal (name, "if"))
    node = parse_if (self);
  else if (g_str_equal (name, "foreach"))
    node = parse_foreach (self);
  else if (g_str_equal (name, "define"))
    node = parse_define (self);
  else if (g_str_equal (name, "break"))
    node = node_new (self, VTL_NODE_BREAK);
  else if (g_str_equal (name, "stop"))
    node = node_new (self, VTL_NODE_STOP);
  else if (g_str_equal (name, "macro"))
    node = parse_macro (self) ? node_new (self, VTL_NODE_TEXT) : NULL;
  else
    {
      node = node_new (self, VTL_NODE_CALL);
      node->macro = g_hash_table_lookup (self->macros, name);
      if (!expect_open (self) || !parse_items (self, ')', FALSE, TRUE, &node->args, &node->n_args))
        return NULL;
    }
  return node;
}

static VtlNode *
parse_block (Parser   *self,
             gboolean  top,
             BlockEnd *end)
{
  g_autoptr (GString) text = g_string_new (NULL);
  VtlNode *first = NULL;
  VtlNode **tail = &first;

  *end = AT_END_OF_TEXT;
  if (!enter (self))
    return NULL;
  while (self->p < self->end && self->error == NULL)
    {
      gsize plain = 0;
      const char *name;
      VtlNode *node = NULL;

      while (self->p + plain < self->end && strchr ("$#\\", self->p[plain]) == NULL)
        plain++;
      g_string_append_len (text, self->p, plain);
      self->p += plain;
      if (self->p >= self->end)
        break;
      if (*self->p == '\0')
        {
          self->p++;
          continue;
        }
      if (*self->p == '\\')
        {
          parse_backslashes (self, text);
          continue;
        }
      if (*self->p == '$')
        {
          VtlReference *reference = parse_reference (self);

          if (reference == NULL)
            {
              if (self->error == NULL)
                g_string_append_c (text, *self->p++);
              continue;
            }
          node = node_new (self, VTL_NODE_REFERENCE);
          node->reference = reference;
        }
      else if (skip_comment (self, text))
        continue;
      else if ((name = parse_directive_name (self)) == NULL)
        {
          g_string_append_c (text, *self->p++);
          continue;
        }
      else if (g_str_equal (name, "end") || g_str_equal (name, "else") || g_str_equal (name, "elseif"))
        {
          if (top)
            {
              fail (self, "#end, #else or #elseif without an #if or #foreach before it");
              break;
            }
          *end = g_str_equal (name, "end") ? AT_END : g_str_equal (name, "else") ? AT_ELSE : AT_ELSEIF;
          if (*end == AT_END)
            skip_line_end (self);
          break;
        }
      else
        {
          node = parse_directive (self, name);
          if (node == NULL)
            break;
          if (node->kind != VTL_NODE_IF && node->kind != VTL_NODE_FOREACH && node->kind != VTL_NODE_DEFINE)
            skip_line_end (self);
        }
      flush_text (self, text, &tail);
      *tail = node;
      tail = &node->next;
    }
  self->depth--;
  if (self->error != NULL)
    return NULL;
  flush_text (self, text, &tail);
  if (!top && *end == AT_END_OF_TEXT)
    return fail (self, "#end is missing");
  return first;
}

VtlNode *
vtl_parse (PracticeVtlArena  *arena,
           const char        *text,
           gsize              length,
           char             **error)
{
  g_autoptr (GHashTable) macros = g_hash_table_new (g_str_hash, g_str_equal);
  Parser parser = { arena, text, text, text + length, macros, 0, NULL };
  BlockEnd end;
  VtlNode *node = parse_block (&parser, TRUE, &end);

  if (parser.error == NULL && practice_vtl_arena_is_exhausted (arena))
    fail (&parser, "The template is too large");
  *error = parser.error;
  return parser.error == NULL ? node : NULL;
}
