/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-credentials-text.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "aws-error.h"
#include "aws-json.h"

#define KEY_ID_MIN 16
#define KEY_ID_MAX 128
#define SECRET_MIN 16
#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_"
/* Later than any expiry in seconds, earlier than any in milliseconds. */
#define MILLISECONDS_FROM G_GINT64_CONSTANT (100000000000)

typedef enum {
  KEY_ID,
  SECRET,
  TOKEN,
  EXPIRES,
  REGION,
  N_PARTS,
} Part;

static const struct {
  const char *name;   /* in lower case, without "_" and without "aws" at the front */
  Part        part;
} names[] = {
  { "accesskeyid", KEY_ID },
  { "secretaccesskey", SECRET },
  { "sessiontoken", TOKEN },
  { "securitytoken", TOKEN },
  { "expiration", EXPIRES },
  { "credentialexpiration", EXPIRES },
  { "sessionexpiration", EXPIRES },
  { "xsecuritytokenexpires", EXPIRES },
  { "region", REGION },
  { "defaultregion", REGION },
};

typedef struct {
  GString *parts[N_PARTS];
  char    *section;
  guint    sections;
  gboolean twice;
} Found;

static void
wipe (GString *text)
{
  explicit_bzero (text->str, text->allocated_len);
  g_string_free (text, TRUE);
}

static void
found_clear (Found *self)
{
  for (guint i = 0; i < N_PARTS; i++)
    if (self->parts[i] != NULL)
      wipe (self->parts[i]);
  g_free (self->section);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

static AwsCredentials *
fail (GError     **error,
      const char  *code,
      const char  *message)
{
  g_propagate_error (error, aws_error_new (AWS_ERROR_CREDENTIALS, code, message, NULL, 0, FALSE));
  return NULL;
}

static int
find_part (const char *name,
           gsize       length)
{
  char plain[32];
  gsize n = 0;

  for (gsize i = 0; i < length; i++) {
    if (name[i] == '_')
      continue;
    if (n == sizeof plain - 1)
      return -1;
    plain[n++] = g_ascii_tolower (name[i]);
  }
  plain[n] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (plain, names[i].name) == 0 || (g_str_has_prefix (plain, "aws") && strcmp (plain + 3, names[i].name) == 0))
      return names[i].part;
  return -1;
}

static void
put (Found      *self,
     Part        part,
     const char *value,
     gsize       length)
{
  if (self->parts[part] != NULL) {
    if (self->parts[part]->len != length || memcmp (self->parts[part]->str, value, length) != 0)
      self->twice = TRUE;
    return;
  }
  self->parts[part] = g_string_new_len (value, (gssize) length);
}

/* Takes blanks and one kind of @edges off both ends. */
static void
trim (const char **text,
      gsize       *length)
{
  while (*length > 0 && g_ascii_isspace (**text)) {
    (*text)++;
    (*length)--;
  }
  while (*length > 0 && g_ascii_isspace ((*text)[*length - 1]))
    (*length)--;
}

static gboolean
starts_with (const char *text,
             gsize       length,
             const char *word)
{
  return length >= strlen (word) && g_ascii_strncasecmp (text, word, strlen (word)) == 0;
}

static gboolean
take_off (const char **text,
          gsize       *length,
          const char  *front,
          const char  *back)
{
  gsize f = strlen (front), b = strlen (back);

  if (*length < f + b || memcmp (*text, front, f) != 0 || memcmp (*text + *length - b, back, b) != 0)
    return FALSE;
  *text += f;
  *length -= f + b;
  return TRUE;
}

static void
unquote (const char **text,
         gsize       *length)
{
  trim (text, length);
  while (*length > 0 && ((*text)[*length - 1] == ';' || (*text)[*length - 1] == ','))
    --*length;
  trim (text, length);
  if (take_off (text, length, "\"", "\"") || take_off (text, length, "'", "'") || take_off (text, length, "“", "”") ||
      take_off (text, length, "‘", "’"))
    trim (text, length);
}

static gboolean
is_base64 (const char *text,
           gsize       length)
{
  for (gsize i = 0; i < length; i++)
    if (strchr (BASE64, text[i]) == NULL)
      return FALSE;
  return TRUE;
}

/* "aws_access_key_id = X", with what shells write before it. Returns the part or -1 where the line is none. */
static int
read_line (Found      *self,
           const char *line,
           gsize       length,
           int         before)
{
  const char *equals;
  gsize name_length, value_length;
  const char *value;
  int part;

  trim (&line, &length);
  if (length == 0 || *line == '#' || (*line == ';' && before < 0))
    return -1;
  if (*line == '[') {
    const char *end = memchr (line, ']', length);

    if (self->sections++ == 0 && end != NULL) {
      const char *name = line + 1;
      gsize n = (gsize) (end - name);

      trim (&name, &n);
      self->section = g_strndup (name, n);
    }
    return -1;
  }
  if (starts_with (line, length, "export ") || starts_with (line, length, "setenv "))
    line += 7, length -= 7;
  else if (starts_with (line, length, "$env:"))
    line += 5, length -= 5;
  else if (starts_with (line, length, "set "))
    line += 4, length -= 4;
  /* set "NAME=VALUE" */
  trim (&line, &length);
  if (length > 0 && *line == '"')
    take_off (&line, &length, "\"", "\"");

  equals = memchr (line, '=', length);
  name_length = equals != NULL ? (gsize) (equals - line) : 0;
  while (name_length > 0 && g_ascii_isspace (line[name_length - 1]))
    name_length--;
  part = name_length > 0 ? find_part (line, name_length) : -1;
  if (part < 0) {
    /* The rest of a token that a terminal or a mail broke. */
    unquote (&line, &length);
    if (before == TOKEN && length > 0 && self->parts[TOKEN]->len >= 64 && is_base64 (line, length)) {
      g_string_append_len (self->parts[TOKEN], line, (gssize) length);
      return TOKEN;
    }
    return -1;
  }
  value = equals + 1;
  value_length = length - (gsize) (value - line);
  unquote (&value, &value_length);
  put (self, (Part) part, value, value_length);
  return part;
}

static void
read_lines (Found      *self,
            const char *text,
            gsize       length)
{
  const char *end = text + length;
  int part = -1;

  while (text < end) {
    const char *line = text;

    while (text < end && *text != '\n' && *text != '\r')
      text++;
    part = read_line (self, line, (gsize) (text - line), part);
    if (text < end)
      text++;
    if (text < end && text[-1] == '\r' && *text == '\n')
      text++;
  }
}

static void
read_object (Found      *self,
             JsonObject *object,
             guint       depth)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    int part = find_part (name, strlen (name));

    /* "Credentials" of sts, "roleCredentials" of sso, "AccessKey" of iam. */
    if (JSON_NODE_HOLDS_OBJECT (node) && depth == 0)
      read_object (self, json_node_get_object (node), 1);
    else if (part >= 0 && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
      put (self, (Part) part, json_node_get_string (node), strlen (json_node_get_string (node)));
    else if (part == EXPIRES && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64) {
      g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));

      put (self, EXPIRES, number, strlen (number));
    }
  }
}

static gint64
parse_time (const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = NULL;
  gint64 number;

  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &number, NULL))
    return number >= MILLISECONDS_FROM ? number / 1000 : number;
  time = g_date_time_new_from_iso8601 (text, utc);
  return time != NULL ? g_date_time_to_unix (time) : -1;
}

static gboolean
is_key_id (const char *text)
{
  gsize length = strlen (text);

  if (length < KEY_ID_MIN || length > KEY_ID_MAX)
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && *text != '_')
      return FALSE;
  return TRUE;
}

static AwsCredentials *
judge (const Found  *found,
       gint64        now,
       GError      **error)
{
  const char *text[N_PARTS];
  gint64 expires = 0;

  for (guint i = 0; i < N_PARTS; i++)
    text[i] = found->parts[i] != NULL && found->parts[i]->len > 0 ? found->parts[i]->str : NULL;
  if (text[KEY_ID] == NULL && text[SECRET] == NULL && text[TOKEN] == NULL)
    return fail (error, "NoCredentials", "No credentials are in this text. Copy the whole block that AWS shows, with the lines aws_access_key_id and "
                                         "aws_secret_access_key.");
  if (found->sections > 1 || found->twice)
    return fail (error, "SeveralCredentials", "There is more than one set of credentials in this text. Paste one of them.");
  if (text[KEY_ID] == NULL)
    return fail (error, "NoAccessKeyId", "The access key ID is missing: the line aws_access_key_id. Copy the whole block.");
  if (text[SECRET] == NULL)
    return fail (error, "NoSecretAccessKey", "The secret access key is missing: the line aws_secret_access_key. Copy the whole block.");
  if (!is_key_id (text[KEY_ID]))
    return fail (error, "InvalidAccessKeyId", "The access key ID is not one: it has 16 or more letters and digits and begins with AKIA or ASIA. Copy "
                                              "it again.");
  if (strlen (text[SECRET]) < SECRET_MIN || !is_base64 (text[SECRET], strlen (text[SECRET])))
    return fail (error, "InvalidSecretAccessKey", "The secret access key is not whole: it has 40 letters, digits, “+” and “/”. Copy it again.");
  if (text[TOKEN] != NULL && !is_base64 (text[TOKEN], strlen (text[TOKEN])))
    return fail (error, "InvalidSessionToken", "The session token has signs in it that none has. Copy it again, without anything before or after it.");
  /* IAM User Guide, "IAM identifiers": ASIA marks temporary keys, which are nothing without their token. */
  if (g_str_has_prefix (text[KEY_ID], "ASIA") && text[TOKEN] == NULL)
    return fail (error, "NoSessionToken", "The session token is missing: these are temporary credentials, which need the line aws_session_token. Copy "
                                          "the whole block.");
  if (text[EXPIRES] != NULL) {
    expires = parse_time (text[EXPIRES]);
    if (expires < 0)
      return fail (error, "InvalidExpiration", "The expiration is no time. Leave its line out, or copy it again.");
    if (expires <= now)
      return fail (error, "ExpiredToken", "These credentials have expired. Get new ones where these came from and paste those.");
  }
  return aws_credentials_new_temporary (text[KEY_ID], text[SECRET], text[TOKEN], expires);
}

AwsCredentials *
aws_credentials_parse (const char  *text,
                       gssize       length,
                       gint64       now,
                       char       **region,
                       char       **profile,
                       GError     **error)
{
  gsize size = length >= 0 ? (gsize) length : strlen (text);
  g_auto (Found) found = { 0 };
  const char *begin;
  AwsCredentials *credentials;

  if (region != NULL)
    *region = NULL;
  if (profile != NULL)
    *profile = NULL;
  if (size > AWS_CREDENTIALS_TEXT_MAX)
    return fail (error, "TooLong", "This text is too long for credentials. Paste only the block that AWS shows.");
  if (size >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    text += 3, size -= 3;
  if (!g_utf8_validate_len (text, size, NULL))
    return fail (error, "NotText", "This is not plain text. Copy the block as text and paste it again.");

  begin = text;
  trim (&begin, &size);
  if (size > 0 && *begin == '{') {
    g_autoptr (JsonObject) object = aws_json_parse_object (begin, (gssize) size, NULL);

    if (object == NULL)
      return fail (error, "InvalidJson", "The JSON is not whole. Copy all of it, from the first { to the last }.");
    read_object (&found, object, 0);
  } else {
    read_lines (&found, begin, size);
  }

  credentials = judge (&found, now, error);
  if (credentials != NULL && region != NULL && found.parts[REGION] != NULL && found.parts[REGION]->len > 0)
    *region = g_strdup (found.parts[REGION]->str);
  if (credentials != NULL && profile != NULL && found.section != NULL && *found.section != '\0')
    *profile = g_strdup (found.section);
  return credentials;
}
