/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-parser-private.h"

#include <string.h>

static gboolean
expect_open (VtlParser *self)
{
  vtl_parser_skip_blanks (self);
  return vtl_parser_take (self, "(") || vtl_parser_fail (self, "Expected \"(\" after a directive") != NULL;
}

static gboolean
expect_close (VtlParser *self)
{
  vtl_parser_skip_blanks (self);
  return vtl_parser_take (self, ")") || vtl_parser_fail (self, "Expected \")\" at the end of a directive") != NULL;
}

static VtlReference *
parse_variable (VtlParser *self)
{
  VtlReference *reference;

  vtl_parser_skip_blanks (self);
  if (vtl_parser_peek (self, 0) != '$')
    return vtl_parser_fail (self, "Expected a variable, as \"$name\"");
  reference = vtl_parse_reference (self);
  return reference != NULL ? reference : vtl_parser_fail (self, "Expected a variable, as \"$name\"");
}

static VtlNode *
parse_set (VtlParser *self)
{
  VtlNode *node = vtl_parser_new_node (self, VTL_NODE_SET);

  if (!expect_open (self) || (node->reference = parse_variable (self)) == NULL)
    return NULL;
  vtl_parser_skip_blanks (self);
  if (!vtl_parser_take (self, "="))
    return vtl_parser_fail (self, "#set needs \"=\" after the variable");
  node->expression = vtl_parse_expression (self);
  return node->expression != NULL && expect_close (self) ? node : NULL;
}

static VtlBranch *
branch_new (VtlParser     *self,
            VtlExpression *condition)
{
  VtlBranch *branch = practice_vtl_arena_alloc (self->arena, sizeof (VtlBranch));

  branch->condition = condition;
  return branch;
}

static VtlNode *
parse_if (VtlParser *self)
{
  VtlNode *node = vtl_parser_new_node (self, VTL_NODE_IF);
  VtlBranch **tail = &node->branches;
  VtlBlockEnd end = VTL_AT_ELSEIF;

  while (end == VTL_AT_ELSEIF || end == VTL_AT_ELSE)
    {
      VtlExpression *condition = NULL;

      if (end == VTL_AT_ELSEIF)
        {
          if (!expect_open (self) || (condition = vtl_parse_expression (self)) == NULL || !expect_close (self))
            return NULL;
        }
      else if (tail != &node->branches && end == VTL_AT_ELSE && node->length++ > 0)
        return vtl_parser_fail (self, "An #if has one #else only");
      vtl_parser_skip_line_end (self);
      *tail = branch_new (self, condition);
      (*tail)->block = vtl_parse_block (self, FALSE, &end);
      if (self->error != NULL)
        return NULL;
      tail = &(*tail)->next;
    }
  return node;
}

static VtlNode *
parse_foreach (VtlParser *self)
{
  VtlNode *node = vtl_parser_new_node (self, VTL_NODE_FOREACH);
  VtlBlockEnd end;

  if (!expect_open (self) || (node->reference = parse_variable (self)) == NULL)
    return NULL;
  vtl_parser_skip_blanks (self);
  if (!vtl_parser_take_word (self, "in"))
    return vtl_parser_fail (self, "#foreach needs \"in\" after the variable");
  if ((node->expression = vtl_parse_expression (self)) == NULL || !expect_close (self))
    return NULL;
  vtl_parser_skip_line_end (self);
  node->branches = branch_new (self, NULL);
  node->branches->block = vtl_parse_block (self, FALSE, &end);
  if (self->error == NULL && end == VTL_AT_ELSE)
    {
      vtl_parser_skip_line_end (self);
      node->branches->next = branch_new (self, NULL);
      node->branches->next->block = vtl_parse_block (self, FALSE, &end);
    }
  if (self->error == NULL && end != VTL_AT_END)
    return vtl_parser_fail (self, "#foreach has no #elseif");
  return self->error == NULL ? node : NULL;
}

static VtlNode *
parse_define (VtlParser *self)
{
  VtlNode *node = vtl_parser_new_node (self, VTL_NODE_DEFINE);
  VtlBlockEnd end;

  if (!expect_open (self) || (node->reference = parse_variable (self)) == NULL || !expect_close (self))
    return NULL;
  vtl_parser_skip_line_end (self);
  node->branches = branch_new (self, NULL);
  node->branches->block = vtl_parse_block (self, FALSE, &end);
  if (self->error == NULL && end != VTL_AT_END)
    return vtl_parser_fail (self, "#define ends with #end");
  return self->error == NULL ? node : NULL;
}

static gboolean
parse_macro (VtlParser *self)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  VtlMacro *macro = practice_vtl_arena_alloc (self->arena, sizeof (VtlMacro));
  VtlBlockEnd end;

  if (!expect_open (self))
    return FALSE;
  vtl_parser_skip_blanks (self);
  if ((macro->name = vtl_parser_take_name (self)) == NULL)
    return vtl_parser_fail (self, "#macro needs a name") != NULL;
  for (;;)
    {
      VtlReference *parameter;

      vtl_parser_skip_blanks (self);
      if (vtl_parser_take (self, ","))
        vtl_parser_skip_blanks (self);
      if (vtl_parser_take (self, ")"))
        break;
      if ((parameter = parse_variable (self)) == NULL)
        return FALSE;
      g_ptr_array_add (names, (gpointer) parameter->name);
    }
  vtl_parser_skip_line_end (self);
  macro->n_parameters = names->len;
  macro->parameters = practice_vtl_arena_alloc (self->arena, sizeof (char *) * MAX (1, names->len));
  if (names->len > 0)
    memcpy (macro->parameters, names->pdata, sizeof (char *) * names->len);
  /* Known before its body is read: a macro may call itself. */
  g_hash_table_insert (self->macros, (gpointer) macro->name, macro);
  macro->block = vtl_parse_block (self, FALSE, &end);
  if (self->error == NULL && end != VTL_AT_END)
    return vtl_parser_fail (self, "#macro ends with #end") != NULL;
  return self->error == NULL;
}

const char *
vtl_parse_directive_name (VtlParser *self)
{
  static const char *const known[] = { "set", "if", "elseif", "else", "end", "foreach", "break", "stop", "define", "macro" };
  const char *start = self->p;
  gboolean formal;
  const char *name;

  self->p++;
  formal = vtl_parser_take (self, "{");
  name = vtl_parser_take_name (self);
  if (name != NULL && (!formal || vtl_parser_take (self, "}")))
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

VtlNode *
vtl_parse_directive (VtlParser  *self,
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
    node = vtl_parser_new_node (self, VTL_NODE_BREAK);
  else if (g_str_equal (name, "stop"))
    node = vtl_parser_new_node (self, VTL_NODE_STOP);
  else if (g_str_equal (name, "macro"))
    node = parse_macro (self) ? vtl_parser_new_node (self, VTL_NODE_TEXT) : NULL;
  else
    {
      node = vtl_parser_new_node (self, VTL_NODE_CALL);
      node->macro = g_hash_table_lookup (self->macros, name);
      if (!expect_open (self) || !vtl_parse_items (self, ')', FALSE, TRUE, &node->args, &node->n_args))
        return NULL;
    }
  return node;
}
