/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step mode of streams: records that were read and are not handed on. */
#include "practice-mapping-shard.h"

#include <string.h>

#include "practice-hold.h"
#include "practice-json.h"

static char *
make_hold_id (PracticeShard *shard,
              JsonObject    *record)
{
  return g_strdup_printf (PRACTICE_HOP_STREAM_MAPPING "/%s/%s", shard->poller->mapping->uuid, practice_json_get_string (record, "eventID"));
}

static void
on_let_go (const char *id,
           gboolean    go,
           gpointer    data)
{
  PracticeShard *shard = data;
  const char *event_id = strrchr (id, '/') + 1;

  for (GList *l = shard->kept->head; l != NULL; l = l->next) {
    JsonObject *record = l->data;

    if (g_strcmp0 (practice_json_get_string (record, "eventID"), event_id) != 0)
      continue;
    g_queue_delete_link (shard->kept, l);
    if (go)
      g_queue_push_tail (shard->loose, record);
    else
      json_object_unref (record);
    break;
  }
  if (!go || shard->poller->mapping->stopped)
    return;
  /* From the main loop: those that are let go together make batches together. */
  g_clear_handle_id (&shard->timer_id, g_source_remove);
  practice_shard_go_on_later (shard, 0);
}

void
practice_shard_keep (PracticeShard *shard,
                     JsonObject    *record)
{
  PracticeMapping *mapping = shard->poller->mapping;
  g_autofree char *id = make_hold_id (shard, record);
  g_autofree char *lane = g_strdup_printf ("%s %s", mapping->uuid, shard->id);
  g_autofree char *text = NULL;
  JsonObject *change = practice_json_get_object (record, "dynamodb");
  JsonObject *image = practice_json_get_object (change, practice_json_get_object (change, "NewImage") != NULL ? "NewImage" : "Keys");
  JsonObject *facts = json_object_new ();

  json_object_set_string_member (facts, "streamArn", mapping->source_arn);
  json_object_set_string_member (facts, "eventID", practice_json_get_string (record, "eventID"));
  json_object_set_string_member (facts, "mappingId", mapping->uuid);
  json_object_set_string_member (facts, "functionArn", mapping->function_arn);
  if (image != NULL)
    text = practice_json_object_to_text (image);
  practice_hold_set_body (facts, text);
  g_queue_push_tail (shard->kept, record);
  practice_hold_add (mapping->server, PRACTICE_HOP_STREAM_MAPPING, id, mapping->source_arn, lane, facts, on_let_go, shard);
}

/* What was let go becomes the next batch. */
void
practice_shard_batch_loose (PracticeShard *shard)
{
  gint64 size = shard->poller->mapping->batch_size;
  guint before = g_queue_get_length (shard->batches);
  PracticeBatch *batch = NULL;

  while (json_array_get_length (shard->held) < size && !g_queue_is_empty (shard->loose))
    json_array_add_object_element (shard->held, g_queue_pop_head (shard->loose));
  practice_shard_make_batch (shard);
  batch = g_queue_get_length (shard->batches) > before ? g_queue_peek_tail (shard->batches) : NULL;
  if (batch != NULL)
    batch->stepped = TRUE;
}

void
practice_mapping_stream_end_hold (PracticeMappingStream *self)
{
  for (guint i = 0; i < self->shards->len; i++) {
    PracticeShard *shard = g_ptr_array_index (self->shards, i);

    while (!g_queue_is_empty (shard->kept)) {
      guint length = g_queue_get_length (shard->kept);
      g_autofree char *id = make_hold_id (shard, g_queue_peek_head (shard->kept));

      practice_hold_drop (self->mapping->server, id);
      /* A server that ends has let go of it already. */
      if (g_queue_get_length (shard->kept) == length)
        json_object_unref (g_queue_pop_head (shard->kept));
    }
  }
}
