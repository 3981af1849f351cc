/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-parser-private.h"

#include <string.h>

#define MAX_DEPTH 200

gpointer
vtl_parser_fail (VtlParser  *self,
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

char *
vtl_parser_copy_text (VtlParser  *self,
                      const char *text,
                      gsize       length)
{
  char *copy = practice_vtl_arena_alloc (self->arena, length + 1);

  memcpy (copy, text, length);
  return copy;
}

gboolean
vtl_parser_enter (VtlParser *self)
{
  if (++self->depth <= MAX_DEPTH)
    return TRUE;
  vtl_parser_fail (self, "The template is nested too deeply");
  return FALSE;
}

void
vtl_parser_skip_blanks (VtlParser *self)
{
  while (self->p < self->end && g_ascii_isspace (*self->p))
    self->p++;
}

void
vtl_parser_skip_line_end (VtlParser *self)
{
  const char *p = self->p;

  while (p < self->end && (*p == ' ' || *p == '\t'))
    p++;
  if (p < self->end && *p == '\r')
    p++;
  if (p < self->end && *p == '\n')
    self->p = p + 1;
}

char
vtl_parser_peek (VtlParser *self,
                 gsize      ahead)
{
  return (gsize) (self->end - self->p) > ahead ? self->p[ahead] : '\0';
}

gboolean
vtl_parser_take (VtlParser  *self,
                 const char *token)
{
  gsize length = strlen (token);

  if ((gsize) (self->end - self->p) < length || memcmp (self->p, token, length) != 0)
    return FALSE;
  self->p += length;
  return TRUE;
}

gboolean
vtl_parser_take_word (VtlParser  *self,
                      const char *word)
{
  gsize length = strlen (word);

  if (g_ascii_isalnum (vtl_parser_peek (self, length)) || vtl_parser_peek (self, length) == '_')
    return FALSE;
  return vtl_parser_take (self, word);
}

const char *
vtl_parser_take_name (VtlParser *self)
{
  const char *start = self->p;

  if (!g_ascii_isalpha (vtl_parser_peek (self, 0)) && vtl_parser_peek (self, 0) != '_')
    return NULL;
  while (g_ascii_isalnum (vtl_parser_peek (self, 0)) || vtl_parser_peek (self, 0) == '_' || vtl_parser_peek (self, 0) == '-')
    self->p++;
  return vtl_parser_copy_text (self, start, self->p - start);
}

VtlNode *
vtl_parser_new_node (VtlParser   *self,
                     VtlNodeKind  kind)
{
  VtlNode *node = practice_vtl_arena_alloc (self->arena, sizeof (VtlNode));

  node->kind = kind;
  return node;
}

static void
flush_text (VtlParser   *self,
            GString     *text,
            VtlNode   ***tail)
{
  VtlNode *node;

  if (text->len == 0)
    return;
  node = vtl_parser_new_node (self, VTL_NODE_TEXT);
  node->text = vtl_parser_copy_text (self, text->str, text->len);
  node->length = text->len;
  **tail = node;
  *tail = &node->next;
  g_string_truncate (text, 0);
}

/* Comments and unparsed text at "#". */
static gboolean
skip_comment (VtlParser *self,
              GString   *text)
{
  const char *close;

  if (vtl_parser_peek (self, 1) == '#')
    {
      close = memchr (self->p, '\n', self->end - self->p);
      self->p = close != NULL ? close + 1 : self->end;
      return TRUE;
    }
  if (vtl_parser_peek (self, 1) == '*')
    {
      close = g_strstr_len (self->p + 2, self->end - self->p - 2, "*#");
      self->p = close != NULL ? close + 2 : self->end;
      return TRUE;
    }
  if (vtl_parser_peek (self, 1) == '[' && vtl_parser_peek (self, 2) == '[')
    {
      close = g_strstr_len (self->p + 3, self->end - self->p - 3, "]]#");
      if (close == NULL)
        {
          vtl_parser_fail (self, "\"#[[\" is not closed by \"]]#\"");
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
parse_backslashes (VtlParser *self,
                   GString   *text)
{
  const char *run = self->p;
  const char *what;
  gsize count;
  gboolean special = FALSE;

  while (vtl_parser_peek (self, 0) == '\\')
    self->p++;
  count = self->p - run;
  what = self->p;
  if (vtl_parser_peek (self, 0) == '$')
    special = vtl_parse_reference (self) != NULL;
  else if (vtl_parser_peek (self, 0) == '#')
    special = vtl_parse_directive_name (self) != NULL;
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

VtlNode *
vtl_parse_block (VtlParser   *self,
                 gboolean     top,
                 VtlBlockEnd *end)
{
  g_autoptr (GString) text = g_string_new (NULL);
  VtlNode *first = NULL;
  VtlNode **tail = &first;

  *end = VTL_AT_END_OF_TEXT;
  if (!vtl_parser_enter (self))
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
          VtlReference *reference = vtl_parse_reference (self);

          if (reference == NULL)
            {
              if (self->error == NULL)
                g_string_append_c (text, *self->p++);
              continue;
            }
          node = vtl_parser_new_node (self, VTL_NODE_REFERENCE);
          node->reference = reference;
        }
      else if (skip_comment (self, text))
        continue;
      else if ((name = vtl_parse_directive_name (self)) == NULL)
        {
          g_string_append_c (text, *self->p++);
          continue;
        }
      else if (g_str_equal (name, "end") || g_str_equal (name, "else") || g_str_equal (name, "elseif"))
        {
          if (top)
            {
              vtl_parser_fail (self, "#end, #else or #elseif without an #if or #foreach before it");
              break;
            }
          *end = g_str_equal (name, "end") ? VTL_AT_END : g_str_equal (name, "else") ? VTL_AT_ELSE : VTL_AT_ELSEIF;
          if (*end == VTL_AT_END)
            vtl_parser_skip_line_end (self);
          break;
        }
      else
        {
          node = vtl_parse_directive (self, name);
          if (node == NULL)
            break;
          if (node->kind != VTL_NODE_IF && node->kind != VTL_NODE_FOREACH && node->kind != VTL_NODE_DEFINE)
            vtl_parser_skip_line_end (self);
        }
      flush_text (self, text, &tail);
      *tail = node;
      tail = &node->next;
    }
  self->depth--;
  if (self->error != NULL)
    return NULL;
  flush_text (self, text, &tail);
  if (!top && *end == VTL_AT_END_OF_TEXT)
    return vtl_parser_fail (self, "#end is missing");
  return first;
}

VtlNode *
vtl_parse (PracticeVtlArena  *arena,
           const char        *text,
           gsize              length,
           char             **error)
{
  g_autoptr (GHashTable) macros = g_hash_table_new (g_str_hash, g_str_equal);
  VtlParser parser = { arena, text, text, text + length, macros, 0, NULL };
  VtlBlockEnd end;
  VtlNode *node = vtl_parse_block (&parser, TRUE, &end);

  if (parser.error == NULL && practice_vtl_arena_is_exhausted (arena))
    vtl_parser_fail (&parser, "The template is too large");
  *error = parser.error;
  return parser.error == NULL ? node : NULL;
}
