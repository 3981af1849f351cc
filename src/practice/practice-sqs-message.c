/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-sqs-message.h"

#include <string.h>

#include "practice-json.h"

#define MAX_ATTRIBUTES 10

static gboolean
is_attribute_name (const char *name)
{
  gsize length = strlen (name);

  if (length < 1 || length > 256 || name[0] == '.' || name[length - 1] == '.' || strstr (name, "..") != NULL ||
      g_ascii_strncasecmp (name, "AWS.", 4) == 0 || g_ascii_strncasecmp (name, "Amazon.", 7) == 0)
    return FALSE;
  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isalnum (name[i]) && strchr ("_-.", name[i]) == NULL)
      return FALSE;
  }
  return TRUE;
}

/* "Number" or "Number.custom". */
static gboolean
has_type (const char *type,
          const char *wanted)
{
  gsize length = strlen (wanted);

  return strncmp (type, wanted, length) == 0 && (type[length] == '\0' || type[length] == '.');
}

static gboolean
is_number (const char *text)
{
  char *end = NULL;

  g_ascii_strtod (text, &end);
  return end != text && *end == '\0';
}

static gboolean
check_attribute (const char       *name,
                 JsonNode         *node,
                 gboolean          system,
                 gsize            *bytes,
                 PracticeSqsFault *fault)
{
  const char *kind = system ? "system" : "user";
  JsonObject *attribute = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *type = attribute != NULL ? practice_json_get_string (attribute, "DataType") : NULL;
  const char *text = attribute != NULL ? practice_json_get_string (attribute, "StringValue") : NULL;
  const char *binary = attribute != NULL ? practice_json_get_string (attribute, "BinaryValue") : NULL;
  const char *value;
  gboolean is_binary;

  if (system && strcmp (name, "AWSTraceHeader") != 0)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Message system attribute name '%s' is invalid. The only one there is is AWSTraceHeader.", name);
  if (!is_attribute_name (name))
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Message (%s) attribute name '%s' is invalid: it can only include alphanumeric characters, hyphens, "
                                   "underscores, or dots, must not begin or end with a dot or begin with AWS. or Amazon., and be 1 to 256 in "
                                   "length.", kind, name);
  if (type == NULL || *type == '\0')
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "The message (%s) attribute '%s' must contain a non-empty message attribute type.", kind, name);
  is_binary = has_type (type, "Binary");
  if ((!is_binary && !has_type (type, "String") && !has_type (type, "Number")) || strlen (type) > 256)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "The message (%s) attribute '%s' has an invalid message attribute type, the set of supported type "
                                   "prefixes is Binary, Number, and String.", kind, name);
  if (system && strcmp (type, "String") != 0)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "The message system attribute '%s' must be of type String.", name);

  value = is_binary ? binary : text;
  if (value == NULL && (is_binary ? text : binary) != NULL)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "The message (%s) attribute '%s' with type '%s' must use field '%s'.", kind, name, type,
                                   is_binary ? "Binary" : "String");
  if (value == NULL || *value == '\0')
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Message (%s) attribute '%s' must contain a non-empty value of type '%s'.", kind, name,
                                   is_binary ? "Binary" : "String");
  if (has_type (type, "Number") && !is_number (value))
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Can't cast the value of message (%s) attribute '%s' to a number.", kind, name);
  if (!is_binary && !practice_sqs_body_is_valid (value))
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Invalid binary character was found in the message (%s) attribute '%s' value, the set of allowed "
                                   "characters is #x9 | #xA | #xD | [#x20 to #xD7FF] | [#xE000 to #xFFFD] | [#x10000 to #x10FFFF]", kind,
                                   name);

  /* System attributes do not count. */
  if (!system)
    *bytes += strlen (name) + strlen (type) + (is_binary ? strlen (value) / 4 * 3 : strlen (value));
  return TRUE;
}

static void
update_length (GChecksum *checksum,
               gsize      length)
{
  guint32 big_endian = GUINT32_TO_BE ((guint32) length);

  g_checksum_update (checksum, (const guchar *) &big_endian, sizeof big_endian);
}

static void
update_text (GChecksum  *checksum,
             const char *text)
{
  update_length (checksum, strlen (text));
  g_checksum_update (checksum, (const guchar *) text, strlen (text));
}

gboolean
practice_sqs_body_is_valid (const char *body)
{
  for (const char *at = body; *at != '\0'; at = g_utf8_next_char (at)) {
    gunichar c = g_utf8_get_char (at);

    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xfffe || c == 0xffff)
      return FALSE;
  }
  return TRUE;
}

gboolean
practice_sqs_attributes_check (JsonObject       *attributes,
                               gboolean          system,
                               gsize            *bytes,
                               PracticeSqsFault *fault)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (attributes == NULL)
    return TRUE;
  if (json_object_get_size (attributes) > MAX_ATTRIBUTES)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Number of message attributes [%u] exceeds the allowed maximum [%d].",
                                   json_object_get_size (attributes), MAX_ATTRIBUTES);

  json_object_iter_init_ordered (&iter, attributes);
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    if (!check_attribute (name, value, system, bytes, fault))
      return FALSE;
  }
  return TRUE;
}

char *
practice_sqs_attributes_digest (JsonObject *attributes)
{
  g_autoptr (GList) names = attributes != NULL ? json_object_get_members (attributes) : NULL;
  g_autoptr (GChecksum) checksum = NULL;

  if (names == NULL)
    return NULL;

  /* SQS Developer Guide, "Calculating the MD5 message digest for message attributes". */
  checksum = g_checksum_new (G_CHECKSUM_MD5);
  names = g_list_sort (names, (GCompareFunc) strcmp);
  for (GList *l = names; l != NULL; l = l->next) {
    JsonObject *attribute = json_object_get_object_member (attributes, l->data);
    const char *binary = practice_json_get_string (attribute, "BinaryValue");
    const char *text = practice_json_get_string (attribute, "StringValue");

    update_text (checksum, l->data);
    update_text (checksum, practice_json_get_string (attribute, "DataType"));
    if (binary != NULL) {
      gsize length = 0;
      g_autofree guchar *bytes = g_base64_decode (binary, &length);

      g_checksum_update (checksum, (const guchar *) "\2", 1);
      update_length (checksum, length);
      g_checksum_update (checksum, bytes, length);
    } else {
      g_checksum_update (checksum, (const guchar *) "\1", 1);
      update_text (checksum, text != NULL ? text : "");
    }
  }
  return g_strdup (g_checksum_get_string (checksum));
}

gboolean
practice_sqs_is_token (const char *text)
{
  gsize length = strlen (text);

  if (length < 1 || length > 128)
    return FALSE;
  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isgraph (text[i]))
      return FALSE;
  }
  return TRUE;
}
