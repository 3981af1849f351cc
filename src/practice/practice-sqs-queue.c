/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-sqs-queue.h"

#include <string.h>

#include "practice-json.h"
#include "practice-resource-policy.h"

typedef enum {
  ATTRIBUTE_NUMBER,
  ATTRIBUTE_BOOLEAN,
  ATTRIBUTE_CHOICE,
  ATTRIBUTE_POLICY,
  ATTRIBUTE_REDRIVE,
  ATTRIBUTE_REDRIVE_ALLOW,
  ATTRIBUTE_TEXT,
} AttributeType;

typedef struct {
  const char    *name;
  AttributeType  type;
  const char    *value;       /* the default, or NULL */
  gint64         low, high;   /* of numbers */
  const char    *choices[3];
  gboolean       fifo;        /* of FIFO queues only */
} Attribute;

/* SQS API reference, SetQueueAttributes. */
static const Attribute attributes[] = {
  { "ContentBasedDeduplication", ATTRIBUTE_BOOLEAN, "false", .fifo = TRUE },
  { "DeduplicationScope", ATTRIBUTE_CHOICE, "queue", .choices = { "queue", "messageGroup" }, .fifo = TRUE },
  { "DelaySeconds", ATTRIBUTE_NUMBER, "0", 0, 900 },
  { "FifoQueue", ATTRIBUTE_BOOLEAN, NULL, .fifo = TRUE },
  { "FifoThroughputLimit", ATTRIBUTE_CHOICE, "perQueue", .choices = { "perQueue", "perMessageGroupId" }, .fifo = TRUE },
  { "KmsDataKeyReusePeriodSeconds", ATTRIBUTE_NUMBER, NULL, 60, 86400 },
  { "KmsMasterKeyId", ATTRIBUTE_TEXT, NULL },
  { "MaximumMessageSize", ATTRIBUTE_NUMBER, "1048576", 1024, 1048576 },
  { "MessageRetentionPeriod", ATTRIBUTE_NUMBER, "345600", 60, 1209600 },
  { "Policy", ATTRIBUTE_POLICY, NULL },
  { "ReceiveMessageWaitTimeSeconds", ATTRIBUTE_NUMBER, "0", 0, 20 },
  { "RedriveAllowPolicy", ATTRIBUTE_REDRIVE_ALLOW, NULL },
  { "RedrivePolicy", ATTRIBUTE_REDRIVE, NULL },
  { "SqsManagedSseEnabled", ATTRIBUTE_BOOLEAN, "true" },
  { "VisibilityTimeout", ATTRIBUTE_NUMBER, "30", 0, 43200 },
};

static const char *const computed[] = {
  "All", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible",
  "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn", NULL
};

static const Attribute *
lookup_attribute (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (attributes); i++) {
    if (strcmp (attributes[i].name, name) == 0)
      return &attributes[i];
  }
  return NULL;
}

static gint64
get_number (PracticeSqsQueue *self,
            const char       *name)
{
  const char *text = practice_sqs_queue_get_attribute (self, name);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

static gboolean
get_boolean (PracticeSqsQueue *self,
             const char       *name)
{
  return g_strcmp0 (practice_sqs_queue_get_attribute (self, name), "true") == 0;
}

static JsonObject *
object_from_text (const char *text)
{
  JsonObject *object = text != NULL ? practice_json_parse_object (text, -1, NULL) : NULL;

  return object != NULL ? object : json_object_new ();
}

static gboolean
is_redrive_allow_policy (const char *text)
{
  static const char *const permissions[] = { "allowAll", "denyAll", "byQueue", NULL };
  g_autoptr (JsonObject) policy = practice_json_parse_object (text, -1, NULL);
  const char *permission = policy != NULL ? practice_json_get_string (policy, "redrivePermission") : NULL;
  JsonArray *sources = policy != NULL ? practice_json_get_array (policy, "sourceQueueArns") : NULL;

  if (permission == NULL || !g_strv_contains (permissions, permission))
    return FALSE;
  if (strcmp (permission, "byQueue") == 0)
    return sources != NULL && json_array_get_length (sources) >= 1 && json_array_get_length (sources) <= 10;
  return sources == NULL;
}

void
practice_sqs_queue_free (PracticeSqsQueue *self)
{
  g_free (self->region);
  g_free (self->name);
  g_free (self->arn);
  g_free (self->dead_letter_arn);
  g_clear_pointer (&self->attributes, json_object_unref);
  g_clear_pointer (&self->tags, json_object_unref);
  g_free (self);
}

PracticeSqsQueue *
practice_sqs_queue_load (PracticeStore *store,
                         const char    *account,
                         gint64         id)
{
  sqlite3_stmt *row = practice_store_prepare (store,
                                              "SELECT revision, region, name, created, modified, purged, attributes, tags"
                                              " FROM sqs_queue WHERE id = ?", "i", id);
  PracticeSqsFault ignored = { 0 };
  PracticeSqsQueue *self;
  const char *redrive;

  if (sqlite3_step (row) != SQLITE_ROW) {
    sqlite3_reset (row);
    return NULL;
  }

  self = g_new0 (PracticeSqsQueue, 1);
  self->id = id;
  self->revision = sqlite3_column_int64 (row, 0);
  self->region = g_strdup ((const char *) sqlite3_column_text (row, 1));
  self->name = g_strdup ((const char *) sqlite3_column_text (row, 2));
  self->created = sqlite3_column_int64 (row, 3);
  self->modified = sqlite3_column_int64 (row, 4);
  self->purged = sqlite3_column_int64 (row, 5);
  self->attributes = object_from_text ((const char *) sqlite3_column_text (row, 6));
  self->tags = object_from_text ((const char *) sqlite3_column_text (row, 7));
  sqlite3_reset (row);

  self->arn = g_strdup_printf ("arn:aws:sqs:%s:%s:%s", self->region, account, self->name);
  self->fifo = g_str_has_suffix (self->name, ".fifo");
  self->content_based_deduplication = self->fifo && get_boolean (self, "ContentBasedDeduplication");
  self->deduplicates_by_group =
    self->fifo && g_strcmp0 (practice_sqs_queue_get_attribute (self, "DeduplicationScope"), "messageGroup") == 0;
  self->delay = get_number (self, "DelaySeconds");
  self->visibility_timeout = get_number (self, "VisibilityTimeout");
  self->retention = get_number (self, "MessageRetentionPeriod");
  self->wait_time = get_number (self, "ReceiveMessageWaitTimeSeconds");
  self->max_bytes = get_number (self, "MaximumMessageSize");
  self->policy = practice_json_get_string (self->attributes, "Policy");
  redrive = practice_json_get_string (self->attributes, "RedrivePolicy");
  if (redrive != NULL)
    practice_sqs_redrive_policy_parse (redrive, &self->dead_letter_arn, &self->max_receive_count, &ignored);
  practice_sqs_fault_clear (&ignored);
  return self;
}

gint64
practice_sqs_queue_insert (PracticeStore *store,
                           const char    *region,
                           const char    *name,
                           JsonObject    *given,
                           JsonObject    *tags)
{
  g_autofree char *attributes_text = practice_json_object_to_text (given);
  g_autofree char *tags_text = practice_json_object_to_text (tags);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  practice_store_run (store,
                      "INSERT INTO sqs_queue (revision, region, name, created, modified, purged, attributes, tags)"
                      " VALUES (1, ?, ?, ?, ?, 0, ?, ?)",
                      "ssiiss", region, name, now, now, attributes_text, tags_text);
  return sqlite3_last_insert_rowid (practice_store_get_db (store));
}

void
practice_sqs_queue_update (PracticeSqsQueue *self,
                           PracticeStore    *store,
                           JsonObject       *given,
                           JsonObject       *tags)
{
  g_autofree char *attributes_text = practice_json_object_to_text (given);
  g_autofree char *tags_text = practice_json_object_to_text (tags);

  practice_store_run (store,
                      "UPDATE sqs_queue SET revision = revision + 1, modified = ?, attributes = ?, tags = ? WHERE id = ?",
                      "issi", g_get_real_time () / G_USEC_PER_SEC, attributes_text, tags_text, self->id);
}

const char *
practice_sqs_queue_get_attribute (PracticeSqsQueue *self,
                                  const char       *name)
{
  const char *value = practice_json_get_string (self->attributes, name);
  const Attribute *attribute;

  if (value != NULL)
    return value;

  attribute = lookup_attribute (name);
  if (attribute == NULL || (attribute->fifo && !self->fifo))
    return NULL;
  if (strcmp (name, "FifoQueue") == 0)
    return "true";
  /* A key of the customer's takes the place of SQS's own. */
  if (strcmp (name, "SqsManagedSseEnabled") == 0 && json_object_has_member (self->attributes, "KmsMasterKeyId"))
    return "false";
  if (strcmp (name, "KmsDataKeyReusePeriodSeconds") == 0 && json_object_has_member (self->attributes, "KmsMasterKeyId"))
    return "300";
  return attribute->value;
}

gboolean
practice_sqs_attribute_is_known (const char *name)
{
  return lookup_attribute (name) != NULL || g_strv_contains (computed, name);
}

const char *const *
practice_sqs_attribute_get_names (void)
{
  static const char *names[G_N_ELEMENTS (attributes) + 1];

  for (guint i = 0; names[0] == NULL && i < G_N_ELEMENTS (attributes); i++)
    names[G_N_ELEMENTS (attributes) - 1 - i] = attributes[G_N_ELEMENTS (attributes) - 1 - i].name;
  return names;
}

gboolean
practice_sqs_attribute_check (const char       *name,
                              const char       *value,
                              gboolean          fifo,
                              PracticeSqsFault *fault)
{
  const Attribute *attribute = lookup_attribute (name);
  gboolean valid = FALSE;
  gint64 number;

  if (attribute != NULL && attribute->fifo && !fifo && attribute->type == ATTRIBUTE_CHOICE)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_ATTRIBUTE_NAME,
                                   "You can specify the %s only when FifoQueue is set to true.", name);
  if (attribute == NULL || (attribute->fifo && !fifo))
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_ATTRIBUTE_NAME, "Unknown Attribute %s.", name);

  switch (attribute->type) {
  case ATTRIBUTE_NUMBER:
    valid = g_ascii_string_to_signed (value, 10, attribute->low, attribute->high, &number, NULL);
    break;
  case ATTRIBUTE_BOOLEAN:
    valid = strcmp (value, "true") == 0 || strcmp (value, "false") == 0;
    break;
  case ATTRIBUTE_CHOICE:
    valid = g_strv_contains (attribute->choices, value);
    break;
  case ATTRIBUTE_POLICY:
    valid = *value == '\0' || practice_resource_policy_is_valid (value);
    break;
  case ATTRIBUTE_REDRIVE:
    if (*value != '\0')
      return practice_sqs_redrive_policy_parse (value, NULL, NULL, fault);
    valid = TRUE;
    break;
  case ATTRIBUTE_REDRIVE_ALLOW:
    valid = *value == '\0' || is_redrive_allow_policy (value);
    break;
  case ATTRIBUTE_TEXT:
  default:
    valid = strlen (value) <= 2048;
    break;
  }

  if (!valid)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_ATTRIBUTE_VALUE, "Invalid value for the parameter %s.", name);
  return TRUE;
}

gboolean
practice_sqs_redrive_policy_parse (const char        *text,
                                   char             **dead_letter_arn,
                                   gint64            *max_receive_count,
                                   PracticeSqsFault  *fault)
{
  g_autoptr (JsonObject) policy = practice_json_parse_object (text, -1, NULL);
  const char *target;
  JsonNode *count_node;
  gint64 count = 0;
  g_autofree char *count_text = NULL;

  if (policy == NULL)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value %s for parameter RedrivePolicy is invalid. Reason: Redrive policy is not a valid JSON map.",
                                   text);

  target = practice_json_get_string (policy, "deadLetterTargetArn");
  count_node = json_object_get_member (policy, "maxReceiveCount");
  if (target == NULL || count_node == NULL)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value %s for parameter RedrivePolicy is invalid. Reason: Redrive policy does not contain mandatory "
                                   "attribute: %s.", text, target == NULL ? "deadLetterTargetArn" : "maxReceiveCount");

  /* The console writes the number as a text. */
  if (json_node_get_value_type (count_node) == G_TYPE_STRING)
    count_text = json_node_dup_string (count_node);
  else
    count_text = practice_json_to_text (count_node);
  if (!g_ascii_string_to_signed (count_text, 10, 1, 1000, &count, NULL))
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value %s for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: %s, "
                                   "valid values are from 1 to 1000 both inclusive.", text, count_text);

  if (dead_letter_arn != NULL)
    *dead_letter_arn = g_strdup (target);
  if (max_receive_count != NULL)
    *max_receive_count = count;
  return TRUE;
}

gboolean
practice_sqs_redrive_allow_policy_allows (const char *text,
                                          const char *source_arn)
{
  g_autoptr (JsonObject) policy = text != NULL ? practice_json_parse_object (text, -1, NULL) : NULL;
  const char *permission = policy != NULL ? practice_json_get_string (policy, "redrivePermission") : NULL;
  JsonArray *sources = policy != NULL ? practice_json_get_array (policy, "sourceQueueArns") : NULL;

  if (permission == NULL || strcmp (permission, "allowAll") == 0)
    return TRUE;
  for (guint i = 0; sources != NULL && i < json_array_get_length (sources); i++) {
    JsonNode *node = json_array_get_element (sources, i);

    if (json_node_get_value_type (node) == G_TYPE_STRING && strcmp (json_node_get_string (node), source_arn) == 0)
      return TRUE;
  }
  return FALSE;
}
