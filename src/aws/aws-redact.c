/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-call-private.h"
#include "aws-json.h"

#include <string.h>

#define MAX_ANSWER (64 * 1024)
#define HIDDEN "(hidden)"

/* A member is secret whose name ends like this, in any spelling: SecretAccessKey, DB_PASSWORD, session-token. */
static const char *const secret_endings[] = {
  "accesstoken",
  "apikey",
  "apitoken",
  "authorization",
  "authtoken",
  "credential",
  "passphrase",
  "passwd",
  "password",
  "privatekey",
  "secret",
  "secretaccesskey",
  "secretkey",
  "securitytoken",
  "sessiontoken",
};

static gboolean
is_secret (const char *name)
{
  g_autofree char *plain = g_malloc (strlen (name) + 1);
  gsize length = 0;

  for (; *name != '\0'; name++) {
    if (g_ascii_isalnum (*name))
      plain[length++] = g_ascii_tolower (*name);
  }
  plain[length] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (secret_endings); i++) {
    if (g_str_has_suffix (plain, secret_endings[i]))
      return TRUE;
  }
  return FALSE;
}

static JsonNode *
text_node (const char *text)
{
  return json_node_init_string (json_node_alloc (), text);
}

/* How many bytes a base64 text stands for. */
static JsonNode *
size_node (const char *base64)
{
  gsize length = strlen (base64);
  g_autofree char *text = NULL;

  while (length > 0 && base64[length - 1] == '=')
    length--;
  text = g_strdup_printf ("<%" G_GSIZE_FORMAT " bytes>", length * 3 / 4);
  return text_node (text);
}

static JsonNode *redact_node (JsonNode *node);

static JsonNode *
redact_member (const char *name,
               JsonNode   *node)
{
  if (is_secret (name) && !JSON_NODE_HOLDS_NULL (node))
    return text_node (HIDDEN);
  if (g_str_equal (name, "ZipFile") && JSON_NODE_HOLDS_VALUE (node) &&
      json_node_get_value_type (node) == G_TYPE_STRING)
    return size_node (json_node_get_string (node));
  return redact_node (node);
}

static JsonNode *
redact_node (JsonNode *node)
{
  JsonNode *copy;

  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *from = json_node_get_array (node);
    JsonArray *to = json_array_new ();

    for (guint i = 0; i < json_array_get_length (from); i++)
      json_array_add_element (to, redact_node (json_array_get_element (from, i)));
    copy = json_node_new (JSON_NODE_ARRAY);
    json_node_take_array (copy, to);
    return copy;
  }
  if (JSON_NODE_HOLDS_OBJECT (node)) {
    copy = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (copy, aws_redact_parameters (json_node_get_object (node)));
    return copy;
  }
  return aws_json_copy_node (node);
}

/* Past the text that begins with the quote at @at, or the end. */
static const char *
skip_string (const char *at)
{
  for (at++; *at != '\0' && *at != '"'; at++) {
    if (*at == '\\' && at[1] != '\0')
      at++;
  }
  return *at != '\0' ? at + 1 : at;
}

static const char *
skip_value (const char *at)
{
  guint depth = 0;

  while (*at != '\0') {
    if (*at == '"') {
      at = skip_string (at);
    } else if (*at == '{' || *at == '[') {
      depth++;
      at++;
    } else if (depth > 0 && (*at == '}' || *at == ']')) {
      depth--;
      at++;
    } else {
      if (depth == 0 && strchr (",}]", *at) != NULL)
        break;
      at++;
      continue;
    }
    if (depth == 0)
      break;
  }
  return at;
}

/* Blanks the value of each member with a secret name. Works on the text, which may have been cut anywhere. */
static char *
redact_json (const char *text)
{
  GString *out = g_string_new (NULL);
  const char *quote;

  while ((quote = strchr (text, '"')) != NULL) {
    const char *end = skip_string (quote);
    const char *colon = end + strspn (end, " \t\r\n");
    g_autofree char *name = g_strndup (quote, (gsize) (end - quote));

    g_string_append_len (out, text, end - text);
    text = end;
    if (*colon != ':' || !is_secret (name))
      continue;
    g_string_append (out, ":\"" HIDDEN "\"");
    colon++;
    text = skip_value (colon + strspn (colon, " \t\r\n"));
  }
  g_string_append (out, text);
  return g_string_free (out, FALSE);
}

/* Blanks what stands in each element with a secret name: <SecretAccessKey>…</SecretAccessKey>. */
static char *
redact_xml (const char *text)
{
  GString *out = g_string_new (NULL);
  const char *open;

  while ((open = strchr (text, '<')) != NULL) {
    gsize length = strcspn (open + 1, "> /\t\r\n");
    g_autofree char *name = g_strndup (open + 1, length);
    const char *begin = strchr (open, '>');
    const char *end;

    if (begin == NULL)
      break;
    begin++;
    g_string_append_len (out, text, begin - text);
    text = begin;
    if (*name == '\0' || *name == '?' || !is_secret (name) || begin[-2] == '/')
      continue;
    end = strchr (begin, '<');
    g_string_append (out, HIDDEN);
    text = end != NULL ? end : begin + strlen (begin);
  }
  g_string_append (out, text);
  return g_string_free (out, FALSE);
}

JsonObject *
aws_redact_parameters (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (copy, name, redact_member (name, node));
  return copy;
}

char *
aws_redact_answer (GBytes *body)
{
  gsize size;
  const char *data = g_bytes_get_data (body, &size);
  g_autofree char *text = g_utf8_make_valid (size > 0 ? data : "", (gssize) MIN (size, MAX_ANSWER));

  return *text == '<' ? redact_xml (text) : redact_json (text);
}
