/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-sns-message.h"

#include <stdarg.h>
#include <string.h>

#include "practice-json.h"
#include "practice-sqs-message.h"

G_GNUC_PRINTF (4, 5) static gboolean
fail (PracticeSnsFault *fault,
      const char       *code,
      gboolean          whole,
      const char       *format,
      ...)
{
  va_list args;

  va_start (args, format);
  fault->code = code;
  fault->whole = whole;
  fault->message = g_strdup_vprintf (format, args);
  va_end (args);
  return FALSE;
}

static gboolean
check_attribute_name (const char       *name,
                      PracticeSnsFault *fault)
{
  gsize length = strlen (name);

  if (length == 0)
    return fail (fault, "ParameterValueInvalid", TRUE, "The message attribute name must not be empty.");
  if (length > 256)
    return fail (fault, "ParameterValueInvalid", TRUE, "Length of message attribute name must be less than 256 bytes.");
  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isalnum (name[i]) && strchr ("_-.", name[i]) == NULL)
      return fail (fault, "ParameterValueInvalid", TRUE,
                   "Invalid non-alphanumeric character '#x%02X' was found in the message attribute name. Can only include alphanumeric "
                   "characters, hyphens, underscores, or dots.", (guint) g_utf8_get_char (name + i));
  }
  if (name[0] == '.')
    return fail (fault, "ParameterValueInvalid", TRUE, "Invalid message attribute name starting with character '.' was found.");
  if (name[length - 1] == '.')
    return fail (fault, "ParameterValueInvalid", TRUE, "Invalid message attribute name ending with character '.' was found.");
  if (strstr (name, "..") != NULL)
    return fail (fault, "ParameterValueInvalid", TRUE, "Message attribute name can not have successive '.' character.");
  return TRUE;
}

static gboolean
has_type (const char *type,
          const char *wanted)
{
  gsize length = strlen (wanted);

  return strncmp (type, wanted, length) == 0 && (type[length] == '\0' || type[length] == '.');
}

static gboolean
check_attribute (const char       *name,
                 JsonNode         *node,
                 guint             entry,
                 PracticeSnsFault *fault)
{
  JsonObject *attribute = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *type = attribute != NULL ? practice_json_get_string (attribute, "DataType") : NULL;
  const char *text = attribute != NULL ? practice_json_get_string (attribute, "StringValue") : NULL;
  const char *binary = attribute != NULL ? practice_json_get_string (attribute, "BinaryValue") : NULL;
  gboolean is_binary = type != NULL && has_type (type, "Binary");
  const char *value = is_binary ? binary : text;
  const char *base;

  if (type == NULL || *type == '\0') {
    g_autofree char *path = entry > 0 ? g_strdup_printf ("publishBatchRequestEntries.%u.member.messageAttributes", entry)
                                      : g_strdup ("messageAttributes");

    return fail (fault, "ValidationError", TRUE,
                 "1 validation error detected: Value null at '%s.%s.member.dataType' failed to satisfy constraint: Member must not be null",
                 path, name);
  }
  if (!check_attribute_name (name, fault))
    return FALSE;
  if (!is_binary && !has_type (type, "String") && !has_type (type, "Number"))
    return fail (fault, "ParameterValueInvalid", TRUE,
                 "The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, "
                 "and String.", name);

  base = is_binary ? "Binary" : "String";
  if (value == NULL && (is_binary ? text : binary) != NULL)
    return fail (fault, "ParameterValueInvalid", TRUE, "The message attribute '%s' with type '%s' must use field '%s'.", name, type, base);
  if (value == NULL || *value == '\0')
    return fail (fault, "ParameterValueInvalid", TRUE,
                 "The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, type);
  if (has_type (type, "Number")) {
    char *end = NULL;

    g_ascii_strtod (value, &end);
    if (end == value || *end != '\0')
      return fail (fault, "ParameterValueInvalid", TRUE, "Could not cast message attribute '%s' value to number.", name);
  }
  return TRUE;
}

static gboolean
check_attributes (JsonObject       *attributes,
                  guint             entry,
                  PracticeSnsFault *fault)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, attributes);
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    if (!check_attribute (name, value, entry, fault))
      return FALSE;
  }
  return TRUE;
}

/* ASCII on one line that begins with a letter, digit or punctuation mark. */
static gboolean
is_subject (const char *text)
{
  gsize length = strlen (text);

  if (length < 1 || length > 100 || text[0] == ' ')
    return FALSE;
  for (gsize i = 0; i < length; i++) {
    if (text[i] < 0x20 || text[i] > 0x7e)
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_structure (PracticeSnsMessage *self,
                 const char         *structure,
                 PracticeSnsFault   *fault)
{
  g_autoptr (JsonObject) texts = NULL;

  if (structure == NULL || *structure == '\0')
    return TRUE;
  if (strcmp (structure, "json") != 0)
    return fail (fault, "InvalidParameter", FALSE, "Invalid parameter: Message Structure - %s is not supported", structure);

  texts = practice_json_parse_object (self->text, -1, NULL);
  if (texts == NULL)
    return fail (fault, "InvalidParameter", FALSE, "Invalid parameter: Message Structure - JSON message body failed to parse");
  if (practice_json_get_string (texts, "default") == NULL)
    return fail (fault, "InvalidParameter", FALSE, "Invalid parameter: Message Structure - No default entry in JSON message body");
  self->texts = g_steal_pointer (&texts);
  return TRUE;
}

static gboolean
check_fifo (PracticeSnsMessage *self,
            PracticeSnsTopic   *topic,
            PracticeSnsFault   *fault)
{
  if (topic == NULL)
    return TRUE;

  if (!topic->fifo) {
    if (self->deduplication_id != NULL)
      return fail (fault, "InvalidParameter", TRUE, "Invalid parameter: MessageDeduplicationId Reason: The request includes "
                                                    "MessageDeduplicationId parameter that is not valid for this topic type");
    return TRUE;
  }
  if (self->group_id == NULL)
    return fail (fault, "InvalidParameter", TRUE, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics");
  if (!practice_sqs_is_token (self->group_id))
    return fail (fault, "InvalidParameter", TRUE, "Invalid parameter: MessageGroupId");
  if (self->deduplication_id != NULL && !practice_sqs_is_token (self->deduplication_id))
    return fail (fault, "InvalidParameter", TRUE, "Invalid parameter: MessageDeduplicationId");
  if (self->deduplication_id == NULL) {
    if (g_strcmp0 (practice_json_get_string (topic->attributes, "ContentBasedDeduplication"), "true") != 0)
      return fail (fault, "InvalidParameter", TRUE, "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or "
                                                    "MessageDeduplicationId provided explicitly");
    self->deduplication_id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, self->text, -1);
  }
  return TRUE;
}

void
practice_sns_fault_clear (PracticeSnsFault *self)
{
  g_clear_pointer (&self->message, g_free);
}

void
practice_sns_message_free (PracticeSnsMessage *self)
{
  g_free (self->id);
  g_free (self->text);
  g_free (self->subject);
  g_free (self->group_id);
  g_free (self->deduplication_id);
  g_free (self->sequence_number);
  g_free (self->timestamp);
  g_clear_pointer (&self->texts, json_object_unref);
  g_clear_pointer (&self->attributes, json_object_unref);
  g_free (self);
}

PracticeSnsMessage *
practice_sns_message_new (JsonObject       *params,
                          PracticeSnsTopic *topic,
                          guint             entry,
                          PracticeSnsFault *fault)
{
  g_autoptr (PracticeSnsMessage) self = g_new0 (PracticeSnsMessage, 1);
  const char *text = practice_json_get_string (params, "Message");
  const char *subject = practice_json_get_string (params, "Subject");
  JsonObject *attributes = practice_json_get_object (params, "MessageAttributes");

  if (text == NULL) {
    fail (fault, "ValidationError", TRUE,
          "1 validation error detected: Value null at 'message' failed to satisfy constraint: Member must not be null");
    return NULL;
  }
  self->id = g_uuid_string_random ();
  self->text = g_strdup (text);
  self->subject = g_strdup (subject);
  self->attributes = attributes != NULL ? json_object_ref (attributes) : json_object_new ();
  self->group_id = g_strdup (practice_json_get_string (params, "MessageGroupId"));
  self->deduplication_id = g_strdup (practice_json_get_string (params, "MessageDeduplicationId"));
  self->timestamp = practice_sns_timestamp ();

  if (!check_fifo (self, topic, fault) || !check_attributes (self->attributes, entry, fault))
    return NULL;
  if (*text == '\0') {
    fail (fault, "InvalidParameter", FALSE, "Invalid parameter: Empty message");
    return NULL;
  }
  if (subject != NULL && !is_subject (subject)) {
    fail (fault, "InvalidParameter", FALSE, "Invalid parameter: Subject");
    return NULL;
  }
  if (practice_sns_message_get_size (self) > PRACTICE_SNS_MAX_BYTES) {
    fail (fault, "InvalidParameter", FALSE, "Invalid parameter: Message too long");
    return NULL;
  }
  if (!check_structure (self, practice_json_get_string (params, "MessageStructure"), fault))
    return NULL;
  return g_steal_pointer (&self);
}

gsize
practice_sns_message_get_size (PracticeSnsMessage *self)
{
  gsize size = strlen (self->text);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, self->attributes);
  while (json_object_iter_next (&iter, &name, &node)) {
    JsonObject *attribute = json_node_get_object (node);
    const char *text = practice_json_get_string (attribute, "StringValue");
    const char *binary = practice_json_get_string (attribute, "BinaryValue");

    size += strlen (name) + strlen (practice_json_get_string (attribute, "DataType"));
    size += text != NULL ? strlen (text) : strlen (binary) / 4 * 3;
  }
  return size;
}

const char *
practice_sns_message_get_text (PracticeSnsMessage *self,
                               const char         *protocol)
{
  const char *text = NULL;

  if (self->texts == NULL)
    return self->text;
  text = practice_json_get_string (self->texts, protocol);
  return text != NULL ? text : practice_json_get_string (self->texts, "default");
}

JsonObject *
practice_sns_message_to_envelope (PracticeSnsMessage *self,
                                  PracticeSnsTopic   *topic,
                                  const char         *protocol,
                                  const char         *server_url,
                                  const char         *unsubscribe_link)
{
  gboolean lambda = strcmp (protocol, "lambda") == 0;
  const char *version = practice_json_get_string (topic->attributes, "SignatureVersion");
  const char *text = practice_sns_message_get_text (self, protocol);
  /* Stands where AWS signs; the practice cloud has no certificate that one could check it with. */
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
  g_autofree char *signature = g_base64_encode ((const guchar *) digest, strlen (digest));
  g_autofree char *certificate = g_strconcat (server_url, "/SimpleNotificationService.pem", NULL);
  JsonObject *envelope = json_object_new ();
  JsonObject *attributes = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_set_string_member (envelope, "Type", "Notification");
  json_object_set_string_member (envelope, "MessageId", self->id);
  if (self->sequence_number != NULL)
    json_object_set_string_member (envelope, "SequenceNumber", self->sequence_number);
  json_object_set_string_member (envelope, "TopicArn", topic->arn);
  if (self->subject != NULL)
    json_object_set_string_member (envelope, "Subject", self->subject);
  else if (lambda)
    json_object_set_null_member (envelope, "Subject");
  json_object_set_string_member (envelope, "Message", text);
  json_object_set_string_member (envelope, "Timestamp", self->timestamp);
  json_object_set_string_member (envelope, "SignatureVersion", version != NULL ? version : "1");
  json_object_set_string_member (envelope, "Signature", signature);
  json_object_set_string_member (envelope, lambda ? "SigningCertUrl" : "SigningCertURL", certificate);
  json_object_set_string_member (envelope, lambda ? "UnsubscribeUrl" : "UnsubscribeURL", unsubscribe_link);

  json_object_iter_init_ordered (&iter, self->attributes);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    JsonObject *attribute = json_object_new ();
    const char *value = practice_json_get_string (json_node_get_object (node), "StringValue");

    if (value == NULL)
      value = practice_json_get_string (json_node_get_object (node), "BinaryValue");
    json_object_set_string_member (attribute, "Type", practice_json_get_string (json_node_get_object (node), "DataType"));
    json_object_set_string_member (attribute, "Value", value);
    json_object_set_object_member (attributes, name, attribute);
  }
  if (lambda || json_object_get_size (attributes) > 0)
    json_object_set_object_member (envelope, "MessageAttributes", attributes);
  else
    json_object_unref (attributes);
  return envelope;
}

JsonObject *
practice_sns_message_to_json (PracticeSnsMessage *self)
{
  const char *const members[] = {
    "id", self->id, "text", self->text, "subject", self->subject, "groupId", self->group_id, "deduplicationId", self->deduplication_id,
    "sequenceNumber", self->sequence_number, "timestamp", self->timestamp,
  };
  JsonObject *json = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i += 2) {
    if (members[i + 1] != NULL)
      json_object_set_string_member (json, members[i], members[i + 1]);
  }
  if (self->texts != NULL)
    json_object_set_object_member (json, "texts", json_object_ref (self->texts));
  json_object_set_object_member (json, "attributes", json_object_ref (self->attributes));
  return json;
}

PracticeSnsMessage *
practice_sns_message_from_json (JsonObject *json)
{
  PracticeSnsMessage *self = g_new0 (PracticeSnsMessage, 1);
  JsonObject *texts = practice_json_get_object (json, "texts");
  JsonObject *attributes = practice_json_get_object (json, "attributes");

  self->id = g_strdup (practice_json_get_string (json, "id"));
  self->text = g_strdup (practice_json_get_string (json, "text"));
  self->subject = g_strdup (practice_json_get_string (json, "subject"));
  self->group_id = g_strdup (practice_json_get_string (json, "groupId"));
  self->deduplication_id = g_strdup (practice_json_get_string (json, "deduplicationId"));
  self->sequence_number = g_strdup (practice_json_get_string (json, "sequenceNumber"));
  self->timestamp = g_strdup (practice_json_get_string (json, "timestamp"));
  self->texts = texts != NULL ? json_object_ref (texts) : NULL;
  self->attributes = attributes != NULL ? json_object_ref (attributes) : json_object_new ();
  return self;
}
