/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-value.h"

#include <string.h>

/*
 * A JSON reader of its own, because bodies come from anybody: it is bounded in depth and memory, keeps the order of members and the
 * spelling of numbers, and says where a mistake is.
 */
#define MAX_DEPTH 500

typedef struct {
  PracticeVtlArena *arena;
  const char       *start;
  const char       *p;
  const char       *end;
  GString          *text;
  char             *error;
} Reader;

static gboolean read_value (Reader            *self,
                            guint              depth,
                            PracticeVtlValue **value);

static gboolean
fail (Reader     *self,
      const char *what)
{
  guint line = 1;
  guint column = 1;

  if (self->error != NULL)
    return FALSE;
  for (const char *p = self->start; p < self->p; p++)
    {
      column++;
      if (*p == '\n')
        {
          line++;
          column = 1;
        }
    }
  if (self->p >= self->end)
    self->error = g_strdup_printf ("Unexpected end-of-input: %s at line: %u, column: %u", what, line, column);
  else
    {
      gunichar c = g_utf8_get_char_validated (self->p, self->end - self->p);

      if (c == (gunichar) -1 || c == (gunichar) -2)
        c = 0xfffd;
      self->error = g_strdup_printf ("Unexpected character (code %u): %s at line: %u, column: %u", c, what, line, column);
    }
  return FALSE;
}

static void
skip_blanks (Reader *self)
{
  while (self->p < self->end && (*self->p == ' ' || *self->p == '\t' || *self->p == '\n' || *self->p == '\r'))
    self->p++;
}

static gboolean
read_hex (Reader *self,
          guint  *code)
{
  *code = 0;
  for (guint i = 0; i < 4; i++, self->p++)
    {
      if (self->p >= self->end || !g_ascii_isxdigit (*self->p))
        return fail (self, "expected a hex digit for a character escape");
      *code = *code * 16 + g_ascii_xdigit_value (*self->p);
    }
  return TRUE;
}

/* Reads into self->text. */
static gboolean
read_string (Reader *self)
{
  g_string_truncate (self->text, 0);
  self->p++;
  for (;;)
    {
      const char *start = self->p;

      while (self->p < self->end && *self->p != '"' && *self->p != '\\' && (guchar) *self->p >= 0x20)
        self->p++;
      g_string_append_len (self->text, start, self->p - start);
      if (self->p >= self->end)
        return fail (self, "was expecting closing quote for a string value");
      if (*self->p == '"')
        {
          self->p++;
          return TRUE;
        }
      if (*self->p != '\\')
        return fail (self, "control characters must be escaped in a string value");
      self->p++;
      if (self->p >= self->end)
        return fail (self, "in a character escape sequence");
      switch (*self->p++)
        {
        case '"': g_string_append_c (self->text, '"'); break;
        case '\\': g_string_append_c (self->text, '\\'); break;
        case '/': g_string_append_c (self->text, '/'); break;
        case 'b': g_string_append_c (self->text, '\b'); break;
        case 'f': g_string_append_c (self->text, '\f'); break;
        case 'n': g_string_append_c (self->text, '\n'); break;
        case 'r': g_string_append_c (self->text, '\r'); break;
        case 't': g_string_append_c (self->text, '\t'); break;
        case 'u':
          {
            guint code, low;

            if (!read_hex (self, &code))
              return FALSE;
            if (code >= 0xd800 && code < 0xdc00 && self->end - self->p >= 6 && self->p[0] == '\\' && self->p[1] == 'u')
              {
                self->p += 2;
                if (!read_hex (self, &low))
                  return FALSE;
                if (low >= 0xdc00 && low < 0xe000)
                  code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                else
                  {
                    code = 0xfffd;
                    self->p -= 6;
                  }
              }
            /* Our texts end with NUL and are UTF-8: a lone surrogate or NUL cannot stand in them. */
            if (code == 0 || (code >= 0xd800 && code < 0xe000))
              code = 0xfffd;
            g_string_append_unichar (self->text, code);
            break;
          }
        default:
          self->p--;
          return fail (self, "unrecognized character escape");
        }
    }
}

static gboolean
read_number (Reader            *self,
             PracticeVtlValue **value)
{
  const char *start = self->p;
  gboolean whole = TRUE;
  g_autofree char *text = NULL;

  if (self->p < self->end && *self->p == '-')
    self->p++;
  if (self->p >= self->end || !g_ascii_isdigit (*self->p))
    return fail (self, "expected a digit in a number");
  if (*self->p == '0')
    self->p++;
  else
    while (self->p < self->end && g_ascii_isdigit (*self->p))
      self->p++;
  if (self->p < self->end && *self->p == '.')
    {
      whole = FALSE;
      self->p++;
      if (self->p >= self->end || !g_ascii_isdigit (*self->p))
        return fail (self, "decimal point not followed by a digit");
      while (self->p < self->end && g_ascii_isdigit (*self->p))
        self->p++;
    }
  if (self->p < self->end && (*self->p == 'e' || *self->p == 'E'))
    {
      whole = FALSE;
      self->p++;
      if (self->p < self->end && (*self->p == '+' || *self->p == '-'))
        self->p++;
      if (self->p >= self->end || !g_ascii_isdigit (*self->p))
        return fail (self, "exponent not followed by a digit");
      while (self->p < self->end && g_ascii_isdigit (*self->p))
        self->p++;
    }
  text = g_strndup (start, self->p - start);
  if (whole)
    {
      gint64 integer;

      if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &integer, NULL))
        {
          *value = practice_vtl_integer (self->arena, integer);
          return TRUE;
        }
    }
  *value = practice_vtl_number (self->arena, g_ascii_strtod (text, NULL));
  (*value)->number.text = practice_vtl_string (self->arena, text, -1)->string.data;
  return TRUE;
}

static gboolean
read_word (Reader     *self,
           const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (self->end - self->p) < length || memcmp (self->p, word, length) != 0)
    return fail (self, "expected a valid value (String, Number, Array, Object or token 'null', 'true' or 'false')");
  self->p += length;
  return TRUE;
}

static gboolean
read_list (Reader            *self,
           guint              depth,
           PracticeVtlValue **value)
{
  *value = practice_vtl_list (self->arena, TRUE);
  self->p++;
  skip_blanks (self);
  if (self->p < self->end && *self->p == ']')
    {
      self->p++;
      return TRUE;
    }
  for (;;)
    {
      PracticeVtlValue *item;

      if (!read_value (self, depth + 1, &item))
        return FALSE;
      practice_vtl_list_add (self->arena, *value, item);
      skip_blanks (self);
      if (self->p < self->end && *self->p == ']')
        {
          self->p++;
          return TRUE;
        }
      if (self->p >= self->end || *self->p != ',')
        return fail (self, "was expecting comma to separate Array entries");
      self->p++;
    }
}

static gboolean
read_map (Reader            *self,
          guint              depth,
          PracticeVtlValue **value)
{
  *value = practice_vtl_map (self->arena, TRUE);
  self->p++;
  skip_blanks (self);
  if (self->p < self->end && *self->p == '}')
    {
      self->p++;
      return TRUE;
    }
  for (;;)
    {
      PracticeVtlValue *item;
      g_autofree char *key = NULL;

      skip_blanks (self);
      if (self->p >= self->end || *self->p != '"')
        return fail (self, "was expecting double-quote to start field name");
      if (!read_string (self))
        return FALSE;
      key = g_utf8_make_valid (self->text->str, self->text->len);
      skip_blanks (self);
      if (self->p >= self->end || *self->p != ':')
        return fail (self, "was expecting a colon to separate field name and value");
      self->p++;
      if (!read_value (self, depth + 1, &item))
        return FALSE;
      practice_vtl_map_put (self->arena, *value, key, item);
      skip_blanks (self);
      if (self->p < self->end && *self->p == '}')
        {
          self->p++;
          return TRUE;
        }
      if (self->p >= self->end || *self->p != ',')
        return fail (self, "was expecting comma to separate Object entries");
      self->p++;
    }
}

static gboolean
read_value (Reader            *self,
            guint              depth,
            PracticeVtlValue **value)
{
  *value = NULL;
  if (depth > MAX_DEPTH)
    return fail (self, "nested too deeply");
  if (practice_vtl_arena_is_exhausted (self->arena))
    return fail (self, "the document is too large");
  skip_blanks (self);
  if (self->p >= self->end)
    return fail (self, "expected a value");
  switch (*self->p)
    {
    case '{': return read_map (self, depth, value);
    case '[': return read_list (self, depth, value);
    case '"':
      if (!read_string (self))
        return FALSE;
      *value = practice_vtl_string (self->arena, self->text->str, self->text->len);
      return TRUE;
    case 't':
      *value = practice_vtl_boolean (self->arena, TRUE);
      return read_word (self, "true");
    case 'f':
      *value = practice_vtl_boolean (self->arena, FALSE);
      return read_word (self, "false");
    case 'n': return read_word (self, "null");
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
      return read_number (self, value);
    default: return read_word (self, "null");
    }
}

gboolean
practice_vtl_parse_json (PracticeVtlArena  *arena,
                         const char        *text,
                         gsize              length,
                         PracticeVtlValue **value,
                         char             **error)
{
  g_autoptr (GString) buffer = g_string_new (NULL);
  Reader reader = { arena, text, text, text + length, buffer, NULL };

  if (read_value (&reader, 0, value))
    {
      skip_blanks (&reader);
      if (reader.p < reader.end)
        fail (&reader, "expected nothing after the value");
    }
  if (reader.error == NULL)
    return TRUE;
  *value = NULL;
  if (error != NULL)
    *error = reader.error;
  else
    g_free (reader.error);
  return FALSE;
}
