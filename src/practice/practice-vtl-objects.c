/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-objects.h"

#include <string.h>

#include "practice-vtl-path.h"

typedef struct {
  const char       *body;
  gsize             length;
  PracticeVtlValue *params;
  PracticeVtlValue *document;
  gboolean          parsed;
} Input;

static gboolean
find_in_body (PracticeVtlArena  *arena,
              Input             *input,
              PracticeVtlValue  *path,
              PracticeVtlValue **value)
{
  g_autofree char *error = NULL;
  gboolean found;

  *value = NULL;
  if (!input->parsed)
    {
      input->parsed = TRUE;
      if (!practice_vtl_parse_json (arena, input->body, input->length, &input->document, &error))
        practice_vtl_arena_fail (arena, "Could not parse request body into json: %s", error);
    }
  if (path == NULL || practice_vtl_arena_get_failure (arena) != NULL)
    return FALSE;
  if (!practice_vtl_path_find (arena, input->document, practice_vtl_text (arena, path), &found, value, &error))
    practice_vtl_arena_fail (arena, "%s", error);
  return found;
}

static PracticeVtlValue *
find_param (PracticeVtlArena *arena,
            Input            *input,
            const char       *name)
{
  static const char *const places[] = { "path", "querystring", "header" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      PracticeVtlValue *map = practice_vtl_map_get (input->params, places[i]);

      if (map != NULL && practice_vtl_map_has (map, name))
        return practice_vtl_map_get (map, name);
    }
  /* Header names do not differ by case. */
  {
    PracticeVtlValue *headers = practice_vtl_map_get (input->params, "header");

    for (guint i = 0; headers != NULL && i < headers->map.n; i++)
      if (g_ascii_strcasecmp (headers->map.entries[i].key, name) == 0)
        return headers->map.entries[i].value;
  }
  return practice_vtl_string (arena, "", 0);
}

static PracticeVtlValue *
input_get (PracticeVtlArena *arena,
           gpointer          data,
           const char       *name)
{
  Input *input = data;

  if (g_str_equal (name, "body"))
    return practice_vtl_string (arena, input->body, input->length);
  if (g_str_equal (name, "params"))
    return input->params;
  return NULL;
}

static PracticeVtlValue *
input_call (PracticeVtlArena  *arena,
            gpointer           data,
            const char        *name,
            PracticeVtlValue **args,
            guint              n_args,
            gboolean          *known)
{
  Input *input = data;
  PracticeVtlValue *value;

  if (g_str_equal (name, "params"))
    return n_args == 0 ? input->params : args[0] != NULL ? find_param (arena, input, practice_vtl_text (arena, args[0])) : NULL;
  if (g_str_equal (name, "path") && n_args == 1)
    {
      find_in_body (arena, input, args[0], &value);
      return value;
    }
  if (g_str_equal (name, "json") && n_args == 1)
    {
      g_autoptr (GString) out = g_string_new (NULL);

      /* What is not there is an empty JSON text. */
      if (!find_in_body (arena, input, args[0], &value))
        return practice_vtl_string (arena, "\"\"", 2);
      if (!practice_vtl_print_json (value, out))
        practice_vtl_arena_fail (arena, "The body is nested too deeply or too large");
      return practice_vtl_string (arena, out->str, out->len);
    }
  if (g_str_equal (name, "getBody") && n_args == 0)
    return input_get (arena, input, "body");
  *known = FALSE;
  return NULL;
}

static const PracticeVtlClass input_class = { "$input", input_get, input_call };

PracticeVtlValue *
practice_vtl_input_new (PracticeVtlArena *arena,
                        const char       *body,
                        gsize             length,
                        PracticeVtlValue *params)
{
  Input *input = practice_vtl_arena_alloc (arena, sizeof (Input));

  input->body = body;
  input->length = length;
  input->params = params;
  return practice_vtl_object (arena, &input_class, input);
}

/* Commons Lang's escapeJavaScript(): quotes of both kinds, backslash, slash, controls and what is not ASCII. */
static void
escape_java_script (const char *text,
                    GString    *out)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      switch (c)
        {
        case '\'':
        case '"':
        case '\\':
        case '/':
          g_string_append_c (out, '\\');
          g_string_append_c (out, c);
          break;
        case '\b': g_string_append (out, "\\b"); break;
        case '\f': g_string_append (out, "\\f"); break;
        case '\n': g_string_append (out, "\\n"); break;
        case '\r': g_string_append (out, "\\r"); break;
        case '\t': g_string_append (out, "\\t"); break;
        default:
          if (c >= 0x10000)
            g_string_append_printf (out, "\\u%04X\\u%04X", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
          else if (c < 0x20 || c > 0x7e)
            g_string_append_printf (out, "\\u%04X", c);
          else
            g_string_append_c (out, c);
          break;
        }
    }
}

char *
practice_vtl_url_encode (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const guchar *p = (const guchar *) text; *p != '\0'; p++)
    if (g_ascii_isalnum (*p) || strchr ("-_.*", *p) != NULL)
      g_string_append_c (out, *p);
    else if (*p == ' ')
      g_string_append_c (out, '+');
    else
      g_string_append_printf (out, "%%%02X", *p);
  return g_string_free (out, FALSE);
}

static void
url_decode (const char *text,
            GString    *out)
{
  for (const char *p = text; *p != '\0'; p++)
    if (*p == '%' && g_ascii_isxdigit (p[1]) && g_ascii_isxdigit (p[2]))
      {
        g_string_append_c (out, (char) (g_ascii_xdigit_value (p[1]) * 16 + g_ascii_xdigit_value (p[2])));
        p += 2;
      }
    else
      g_string_append_c (out, *p == '+' ? ' ' : *p);
}

static PracticeVtlValue *
util_call (PracticeVtlArena  *arena,
           gpointer           data,
           const char        *name,
           PracticeVtlValue **args,
           guint              n_args,
           gboolean          *known)
{
  const char *text;
  g_autoptr (GString) out = NULL;

  if (n_args != 1 || args[0] == NULL)
    return NULL;
  text = practice_vtl_text (arena, args[0]);
  if (!practice_vtl_arena_has_room (arena, strlen (text) * 3))
    return NULL;
  out = g_string_new (NULL);
  if (g_str_equal (name, "escapeJavaScript"))
    escape_java_script (text, out);
  else if (g_str_equal (name, "urlEncode"))
    {
      g_autofree char *encoded = practice_vtl_url_encode (text);

      g_string_append (out, encoded);
    }
  else if (g_str_equal (name, "urlDecode"))
    url_decode (text, out);
  else if (g_str_equal (name, "base64Encode"))
    {
      g_autofree char *encoded = g_base64_encode ((const guchar *) text, strlen (text));

      g_string_append (out, encoded);
    }
  else if (g_str_equal (name, "base64Decode"))
    {
      gsize length;
      g_autofree guchar *decoded = g_base64_decode (text, &length);

      g_string_append_len (out, (const char *) decoded, length);
    }
  else if (g_str_equal (name, "parseJson"))
    {
      PracticeVtlValue *value;
      g_autofree char *error = NULL;

      if (!practice_vtl_parse_json (arena, text, strlen (text), &value, &error))
        practice_vtl_arena_fail (arena, "$util.parseJson: %s", error);
      return value;
    }
  else
    {
      *known = FALSE;
      return NULL;
    }
  return practice_vtl_string (arena, out->str, out->len);
}

static const PracticeVtlClass util_class = { "$util", NULL, util_call };

PracticeVtlValue *
practice_vtl_util_new (PracticeVtlArena *arena)
{
  return practice_vtl_object (arena, &util_class, NULL);
}
