/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-path-private.h"

#include <string.h>

/* One side of a comparison. */
static gboolean
read_operand (VtlPath           *self,
              PracticeVtlValue  *candidate,
              gboolean          *present,
              PracticeVtlValue **value)
{
  vtl_path_skip_blanks (self);
  *present = TRUE;
  *value = NULL;
  if (*self->p == '@' || *self->p == '$')
    {
      g_autoptr (GPtrArray) found = g_ptr_array_new ();
      gboolean definite;
      PracticeVtlValue *start = *self->p++ == '@' ? candidate : self->root;

      if (!vtl_path_walk (self, start, TRUE, found, &definite))
        return FALSE;
      *present = found->len > 0;
      *value = definite ? (found->len > 0 ? found->pdata[0] : NULL) : vtl_path_make_list (self, found);
      return TRUE;
    }
  if (*self->p == '\'' || *self->p == '"')
    {
      g_autoptr (GString) text = g_string_new (NULL);

      if (!vtl_path_read_quoted (self, text))
        return FALSE;
      *value = practice_vtl_string (self->arena, text->str, text->len);
      return TRUE;
    }
  if (vtl_path_take (self, "["))
    {
      *value = practice_vtl_list (self->arena, TRUE);
      vtl_path_skip_blanks (self);
      if (vtl_path_take (self, "]"))
        return TRUE;
      if (++self->depth > VTL_PATH_MAX_DEPTH)
        return vtl_path_fail (self, "lists are nested too deeply");
      do
        {
          PracticeVtlValue *item;
          gboolean ignored;

          if (!read_operand (self, candidate, &ignored, &item))
            return FALSE;
          practice_vtl_list_add (self->arena, *value, item);
          vtl_path_skip_blanks (self);
        }
      while (vtl_path_take (self, ","));
      self->depth--;
      return vtl_path_take (self, "]") || vtl_path_fail (self, "expected \"]\"");
    }
  if (vtl_path_take (self, "true"))
    *value = practice_vtl_boolean (self->arena, TRUE);
  else if (vtl_path_take (self, "false"))
    *value = practice_vtl_boolean (self->arena, FALSE);
  else if (vtl_path_take (self, "null"))
    *value = NULL;
  else if (*self->p == '-' || g_ascii_isdigit (*self->p))
    {
      char *end;
      double number = g_ascii_strtod (self->p, &end);

      if (end == self->p)
        return vtl_path_fail (self, "expected a number");
      *value = practice_vtl_number (self->arena, number);
      self->p = end;
    }
  else
    return vtl_path_fail (self, "expected a value in a filter");
  return TRUE;
}

static gboolean
match_regex (VtlPath          *self,
             PracticeVtlValue *value,
             gboolean         *result)
{
  g_autoptr (GString) pattern = g_string_new ("^(?:");
  g_autoptr (GRegex) regex = NULL;
  GRegexCompileFlags flags = 0;

  vtl_path_skip_blanks (self);
  if (!vtl_path_take (self, "/"))
    return vtl_path_fail (self, "expected \"/\" after \"=~\"");
  for (; *self->p != '/'; self->p++)
    {
      if (*self->p == '\0')
        return vtl_path_fail (self, "a regular expression is not closed");
      if (*self->p == '\\' && self->p[1] == '/')
        self->p++;
      else if (*self->p == '\\' && self->p[1] != '\0')
        g_string_append_c (pattern, *self->p++);
      g_string_append_c (pattern, *self->p);
    }
  self->p++;
  if (vtl_path_take (self, "i"))
    flags |= G_REGEX_CASELESS;
  g_string_append (pattern, ")\\z");
  regex = g_regex_new (pattern->str, flags, 0, NULL);
  if (regex == NULL)
    return vtl_path_fail (self, "this is no regular expression");
  *result = value != NULL && value->type == PRACTICE_VTL_STRING && g_regex_match (regex, value->string.data, 0, NULL);
  return TRUE;
}

static gboolean
same (PracticeVtlValue *a,
      PracticeVtlValue *b)
{
  /* JSON's null is only itself here, unlike in templates; 1 is not "1". */
  if (a == NULL || b == NULL)
    return a == b;
  return (a->type == b->type || (practice_vtl_is_numeric (a) && practice_vtl_is_numeric (b))) && practice_vtl_equal (a, b);
}

static gboolean
contains (PracticeVtlValue *list,
          PracticeVtlValue *item)
{
  for (guint i = 0; list != NULL && list->type == PRACTICE_VTL_LIST && i < list->list.n; i++)
    if (same (list->list.items[i], item))
      return TRUE;
  return FALSE;
}

static gboolean
read_comparison (VtlPath          *self,
                 PracticeVtlValue *candidate,
                 gboolean         *result)
{
  static const char *const signs[] = { "==", "!=", "<=", ">=", "=~", "<", ">", "in ", "nin ", "in[", "nin[" };
  PracticeVtlValue *left, *right;
  gboolean has_left, has_right;
  guint sign = 0;
  int order = 2;

  vtl_path_skip_blanks (self);
  if (vtl_path_take (self, "!"))
    {
      if (++self->depth > VTL_PATH_MAX_DEPTH)
        return vtl_path_fail (self, "the condition is nested too deeply");
      if (!read_comparison (self, candidate, result))
        return FALSE;
      self->depth--;
      *result = !*result;
      return TRUE;
    }
  if (vtl_path_take (self, "("))
    {
      if (!vtl_path_read_condition (self, candidate, result))
        return FALSE;
      vtl_path_skip_blanks (self);
      return vtl_path_take (self, ")") || vtl_path_fail (self, "expected \")\"");
    }
  if (!read_operand (self, candidate, &has_left, &left))
    return FALSE;
  vtl_path_skip_blanks (self);
  while (sign < G_N_ELEMENTS (signs) && !vtl_path_take (self, signs[sign]))
    sign++;
  if (sign == G_N_ELEMENTS (signs))
    {
      *result = has_left;
      return TRUE;
    }
  if (sign == 4)
    return match_regex (self, left, result);
  if (sign >= 9)
    self->p--;
  if (!read_operand (self, candidate, &has_right, &right))
    return FALSE;
  if (practice_vtl_is_numeric (left) && practice_vtl_is_numeric (right))
    {
      double x = practice_vtl_as_double (left);
      double y = practice_vtl_as_double (right);

      order = x < y ? -1 : x > y;
    }
  else if (left != NULL && right != NULL && left->type == PRACTICE_VTL_STRING && right->type == PRACTICE_VTL_STRING)
    order = CLAMP (strcmp (left->string.data, right->string.data), -1, 1);
  switch (sign)
    {
    case 0: *result = has_left && has_right && same (left, right); break;
    case 1: *result = !(has_left && has_right && same (left, right)); break;
    case 2: *result = order == -1 || order == 0; break;
    case 3: *result = order == 1 || order == 0; break;
    case 5: *result = order == -1; break;
    case 6: *result = order == 1; break;
    case 7:
    case 9: *result = has_left && contains (right, left); break;
    default: *result = has_left && !contains (right, left); break;
    }
  return TRUE;
}

static gboolean
read_conjunction (VtlPath          *self,
                  PracticeVtlValue *candidate,
                  gboolean         *result)
{
  gboolean next;

  if (!read_comparison (self, candidate, result))
    return FALSE;
  for (vtl_path_skip_blanks (self); vtl_path_take (self, "&&"); vtl_path_skip_blanks (self))
    {
      if (!read_comparison (self, candidate, &next))
        return FALSE;
      *result = *result && next;
    }
  return TRUE;
}

gboolean
vtl_path_read_condition (VtlPath          *self,
                         PracticeVtlValue *candidate,
                         gboolean         *result)
{
  gboolean next;

  if (++self->depth > VTL_PATH_MAX_DEPTH)
    return vtl_path_fail (self, "the condition is nested too deeply");
  if (!read_conjunction (self, candidate, result))
    return FALSE;
  for (vtl_path_skip_blanks (self); vtl_path_take (self, "||"); vtl_path_skip_blanks (self))
    {
      if (!read_conjunction (self, candidate, &next))
        return FALSE;
      *result = *result || next;
    }
  self->depth--;
  return TRUE;
}
