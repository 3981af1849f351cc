/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-stream-probe.h"

#include <string.h>

#include "aws-json.h"

/* Shards of tables that grow are found when their parents end; this is for a parent that was trimmed before it was seen. */
#define DESCRIBE_SECONDS 300
/* What follows a shard that ended may be listed some time later. */
#define FIRST_DESCRIBE_SECONDS 5
#define MAX_SHARDS 1000

typedef struct
{
  char     *id;
  char     *parent;     /* the shard that it was split from, or NULL */
  char     *iterator;   /* NULL: to be got */
  char     *last;       /* the sequence number of the last record */
  gboolean  from_start; /* its oldest record may matter */
  gboolean  ended;
  gboolean  asked;      /* in this poll */
  gboolean  listed;     /* the last time when they were listed */
} Shard;

struct _MillStreamProbe
{
  MillProbe   parent_instance;

  char       *table_arn;
  char       *stream_arn;
  GPtrArray  *shards;      /* Shard; those that ended stay as long as they are listed */
  GHashTable *known;       /* shard's id → Shard, borrowed */
  Shard      *shard;       /* borrowed: the one that is asked */
  char       *last_shard;  /* of a page */
  gboolean    described;   /* once at least */
  gboolean    table_asked; /* in this poll */
  gboolean    found;       /* a shard that was not known, while they are listed */
  gint64      describe_at; /* monotonic */
  guint       pause;       /* seconds until they are listed again */
  GError     *gone;        /* why the stream cannot be described, while the table is asked for another */
  gint64      began;
};

G_DEFINE_FINAL_TYPE (MillStreamProbe, mill_stream_probe, MILL_TYPE_PROBE)

static void ask_next  (MillStreamProbe *self);
static void describe  (MillStreamProbe *self);
static void ask_table (MillStreamProbe *self);

static void
shard_free (gpointer data)
{
  Shard *shard = data;

  g_free (shard->id);
  g_free (shard->parent);
  g_free (shard->iterator);
  g_free (shard->last);
  g_free (shard);
}

static void
copy_member (JsonObject *to,
             const char *name,
             JsonObject *from,
             const char *path)
{
  JsonObject *value = aws_json_get_object (from, path);

  if (value != NULL)
    json_object_set_object_member (to, name, json_object_ref (value));
}

static double
get_time (JsonObject *record)
{
  JsonNode *node = aws_json_get_node (record, "dynamodb.ApproximateCreationDateTime");
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;

  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : 0;
}

static void
take_record (MillStreamProbe *self,
             JsonObject      *record)
{
  const char *id = aws_json_get_string (record, "eventID");
  const char *sequence = aws_json_get_string (record, "dynamodb.SequenceNumber");
  double time = get_time (record);
  JsonObject *event;

  if (sequence != NULL)
    {
      g_free (self->shard->last);
      self->shard->last = g_strdup (sequence);
    }
  /* Times of records are whole seconds, rounded down. */
  if (id == NULL || aws_json_get_object (record, "dynamodb.Keys") == NULL || time + 1 < mill_probe_get_since (MILL_PROBE (self)))
    return;
  event = mill_probe_object ("tableArn", self->table_arn, "eventID", id, "eventName", aws_json_get_string (record, "eventName"),
                             "sequenceNumber", sequence, NULL);
  copy_member (event, "keys", record, "dynamodb.Keys");
  copy_member (event, "newImage", record, "dynamodb.NewImage");
  copy_member (event, "oldImage", record, "dynamodb.OldImage");
  /* What a reader is given has this besides. */
  json_object_set_string_member (record, "eventSourceARN", self->stream_arn);
  json_object_set_object_member (event, "record", json_object_ref (record));
  json_object_set_double_member (event, "time", time);
  mill_probe_tell (MILL_PROBE (self), "table-written", event);
}

static void
end_shard (MillStreamProbe *self)
{
  self->shard->ended = TRUE;
  self->describe_at = 0;
  self->pause = FIRST_DESCRIBE_SECONDS;
}

/* Where its place was trimmed it goes on at the oldest record that is left; where nothing was read yet, too: what is older than the watch is passed over. */
static void
begin_again (Shard    *shard,
             gboolean  trimmed)
{
  g_clear_pointer (&shard->iterator, g_free);
  if (trimmed)
    g_clear_pointer (&shard->last, g_free);
  if (shard->last == NULL)
    shard->from_start = TRUE;
}

/* What is wrong with a shard or an iterator, and no reason to end the poll. Anything else may be over in a moment: the iterator is kept. */
static gboolean
take_trouble (MillStreamProbe *self,
              const GError    *error)
{
  if (aws_error_has_code (error, "ResourceNotFoundException"))
    end_shard (self);
  else if (aws_error_has_code (error, "TrimmedDataAccessException"))
    begin_again (self->shard, TRUE);
  else if (aws_error_has_code (error, "ExpiredIteratorException") || (aws_error_has_code (error, "ValidationException") && self->shard->iterator != NULL))
    begin_again (self->shard, FALSE);
  else
    return FALSE;
  return TRUE;
}

static void
on_records (MillProbe    *probe,
            JsonObject   *result,
            const GError *error)
{
  MillStreamProbe *self = MILL_STREAM_PROBE (probe);
  JsonArray *records = result != NULL ? aws_json_get_array (result, "Records") : NULL;
  guint n = records != NULL ? json_array_get_length (records) : 0;

  if (records == NULL)
    {
      if (take_trouble (self, error))
        ask_next (self);
      else
        mill_probe_fail (probe, error);
      return;
    }
  for (guint i = 0; i < n; i++)
    {
      JsonNode *node = json_array_get_element (records, i);

      if (JSON_NODE_HOLDS_OBJECT (node))
        take_record (self, json_node_get_object (node));
    }
  g_free (self->shard->iterator);
  self->shard->iterator = g_strdup (aws_json_get_string (result, "NextShardIterator"));
  /* It was split, or the stream was switched off. */
  if (self->shard->iterator == NULL)
    end_shard (self);
  /* There may be more at once: the same shard again. */
  else if (n > 0)
    self->shard->asked = FALSE;
  ask_next (self);
}

static void
get_records (MillStreamProbe *self)
{
  self->shard->asked = TRUE;
  mill_probe_call (MILL_PROBE (self), "dynamodbstreams:GetRecords", mill_probe_object ("ShardIterator", self->shard->iterator, NULL), on_records);
}

static void
on_iterator (MillProbe    *probe,
             JsonObject   *result,
             const GError *error)
{
  MillStreamProbe *self = MILL_STREAM_PROBE (probe);
  const char *iterator = result != NULL ? aws_json_get_string (result, "ShardIterator") : NULL;

  self->shard->asked = TRUE;
  if (iterator != NULL)
    {
      self->shard->iterator = g_strdup (iterator);
      get_records (self);
    }
  else if (take_trouble (self, error))
    ask_next (self);
  else
    mill_probe_fail (probe, error);
}

/* Records of a shard come after all those of the one that it was split from. */
static gboolean
is_waiting (MillStreamProbe *self,
            Shard           *shard)
{
  Shard *parent = shard->parent != NULL && shard->from_start ? g_hash_table_lookup (self->known, shard->parent) : NULL;

  return parent != NULL && !parent->ended;
}

static void
ask_next (MillStreamProbe *self)
{
  for (guint i = 0; i < self->shards->len; i++)
    {
      Shard *shard = self->shards->pdata[i];
      const char *type = shard->last != NULL ? "AFTER_SEQUENCE_NUMBER" : shard->from_start ? "TRIM_HORIZON" : "LATEST";

      if (shard->ended || shard->asked || is_waiting (self, shard))
        continue;
      self->shard = shard;
      if (shard->iterator != NULL)
        get_records (self);
      else
        mill_probe_call (MILL_PROBE (self), "dynamodbstreams:GetShardIterator",
                         mill_probe_object ("StreamArn", self->stream_arn, "ShardId", shard->id, "ShardIteratorType", type,
                                            "SequenceNumber", shard->last, NULL), on_iterator);
      return;
    }
  /* What follows a shard that has just ended holds what comes next. */
  if (self->describe_at == 0)
    describe (self);
  else
    mill_probe_done (MILL_PROBE (self), NULL);
}

static void
take_shard (MillStreamProbe *self,
            JsonObject      *object)
{
  const char *id = aws_json_get_string (object, "ShardId");
  gboolean closed = aws_json_get_string (object, "SequenceNumberRange.EndingSequenceNumber") != NULL;
  gboolean fresh = self->began / (double) G_USEC_PER_SEC - mill_probe_get_since (MILL_PROBE (self)) < 1;
  Shard *shard;

  shard = id != NULL ? g_hash_table_lookup (self->known, id) : NULL;
  if (shard != NULL)
    shard->listed = TRUE;
  if (id == NULL || shard != NULL || g_hash_table_size (self->known) >= MAX_SHARDS)
    return;
  shard = g_new0 (Shard, 1);
  shard->id = g_strdup (id);
  shard->parent = g_strdup (aws_json_get_string (object, "ParentShardId"));
  shard->listed = TRUE;
  self->found = TRUE;
  /* Those that are there at the beginning of a watch from now on begin at their end; what comes later is new from its beginning. */
  shard->from_start = self->described || !fresh;
  shard->ended = closed && !shard->from_start;
  g_ptr_array_add (self->shards, shard);
  g_hash_table_insert (self->known, shard->id, shard);
}

/* All shards were listed: those that ended long ago are listed no more. Returns whether any may tell something. */
static gboolean
sort_out (MillStreamProbe *self)
{
  gboolean open = FALSE;

  for (guint i = 0; i < self->shards->len;)
    {
      Shard *shard = self->shards->pdata[i];

      open = open || !shard->ended;
      if (!shard->ended || shard->listed)
        {
          shard->listed = FALSE;
          i++;
          continue;
        }
      g_hash_table_remove (self->known, shard->id);
      g_ptr_array_remove_index (self->shards, i);
    }
  return open;
}

/* Soon, where something should be there that is not, and then less and less often. */
static void
describe_again (MillStreamProbe *self)
{
  self->pause = self->found ? DESCRIBE_SECONDS : MIN (MAX (self->pause, FIRST_DESCRIBE_SECONDS) * 2, DESCRIBE_SECONDS);
  self->found = FALSE;
  self->describe_at = g_get_monotonic_time () + self->pause * G_USEC_PER_SEC;
}

static void
on_described (MillProbe    *probe,
              JsonObject   *result,
              const GError *error)
{
  MillStreamProbe *self = MILL_STREAM_PROBE (probe);
  JsonArray *shards = result != NULL ? aws_json_get_array (result, "StreamDescription.Shards") : NULL;
  g_autofree char *last = g_steal_pointer (&self->last_shard);

  if (shards == NULL)
    {
      if (aws_error_has_code (error, "ResourceNotFoundException") && !self->table_asked)
        {
          self->gone = g_error_copy (error);
          ask_table (self);
        }
      else
        mill_probe_fail (probe, error);
      return;
    }
  for (guint i = 0; i < json_array_get_length (shards); i++)
    {
      JsonNode *node = json_array_get_element (shards, i);

      if (JSON_NODE_HOLDS_OBJECT (node))
        take_shard (self, json_node_get_object (node));
    }
  self->last_shard = g_strdup (aws_json_get_string (result, "StreamDescription.LastEvaluatedShardId"));
  if (self->last_shard != NULL && g_strcmp0 (self->last_shard, last) != 0)
    {
      describe (self);
      return;
    }
  g_clear_pointer (&self->last_shard, g_free);
  self->described = TRUE;
  if (sort_out (self))
    {
      describe_again (self);
      ask_next (self);
    }
  else if (!self->table_asked)
    ask_table (self);
  else
    {
      describe_again (self);
      mill_probe_done (probe, NULL);
    }
}

static void
describe (MillStreamProbe *self)
{
  mill_probe_call (MILL_PROBE (self), "dynamodbstreams:DescribeStream",
                   mill_probe_object ("StreamArn", self->stream_arn, "ExclusiveStartShardId", self->last_shard, NULL), on_described);
}

/* A stream that is switched off and on again is another one: all that is in it is new. */
static void
on_table (MillProbe    *probe,
          JsonObject   *result,
          const GError *error)
{
  MillStreamProbe *self = MILL_STREAM_PROBE (probe);
  const char *arn = result != NULL ? aws_json_get_string (result, "Table.LatestStreamArn") : NULL;
  g_autoptr (GError) gone = g_steal_pointer (&self->gone);

  if (arn != NULL && !g_str_equal (arn, self->stream_arn))
    {
      g_free (self->stream_arn);
      self->stream_arn = g_strdup (arn);
      g_hash_table_remove_all (self->known);
      g_ptr_array_set_size (self->shards, 0);
      self->described = TRUE;
      describe (self);
      return;
    }
  self->found = FALSE;
  describe_again (self);
  mill_probe_done (probe, error != NULL ? error : gone);
}

static void
ask_table (MillStreamProbe *self)
{
  const char *name = strstr (self->table_arn, ":table/");

  self->table_asked = TRUE;
  mill_probe_call (MILL_PROBE (self), "dynamodb:DescribeTable",
                   mill_probe_object ("TableName", name != NULL ? name + strlen (":table/") : self->table_arn, NULL), on_table);
}

static void
mill_stream_probe_poll (MillProbe *probe)
{
  MillStreamProbe *self = MILL_STREAM_PROBE (probe);

  for (guint i = 0; i < self->shards->len; i++)
    ((Shard *) self->shards->pdata[i])->asked = FALSE;
  self->table_asked = FALSE;
  if (g_get_monotonic_time () >= self->describe_at)
    describe (self);
  else
    ask_next (self);
}

static void
mill_stream_probe_finalize (GObject *object)
{
  MillStreamProbe *self = MILL_STREAM_PROBE (object);

  g_free (self->table_arn);
  g_free (self->stream_arn);
  g_free (self->last_shard);
  g_clear_error (&self->gone);
  g_hash_table_unref (self->known);
  g_ptr_array_unref (self->shards);
  G_OBJECT_CLASS (mill_stream_probe_parent_class)->finalize (object);
}

static void
mill_stream_probe_class_init (MillStreamProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_stream_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_stream_probe_poll;
}

static void
mill_stream_probe_init (MillStreamProbe *self)
{
  self->shards = g_ptr_array_new_with_free_func (shard_free);
  self->known = g_hash_table_new (g_str_hash, g_str_equal);
  self->began = g_get_real_time ();
}

MillProbe *
mill_stream_probe_new (AwsClient  *client,
                       const char *component,
                       double      since,
                       const char *table_arn,
                       const char *stream_arn)
{
  MillStreamProbe *self = mill_probe_new (MILL_TYPE_STREAM_PROBE, client, component, since);

  self->table_arn = g_strdup (table_arn);
  self->stream_arn = g_strdup (stream_arn);
  return MILL_PROBE (self);
}
