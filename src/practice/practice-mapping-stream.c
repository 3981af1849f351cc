/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-mapping-shard.h"

#include <string.h>

#include "practice-json.h"

static gboolean
on_discover (gpointer data)
{
  PracticeMappingStream *self = data;

  self->timer_id = 0;
  practice_mapping_stream_discover (self);
  return G_SOURCE_REMOVE;
}

void
practice_mapping_stream_fail (PracticeMappingStream *self,
                              const PracticeAnswer  *answer)
{
  g_autofree char *result = NULL;

  if (answer->code != NULL && strstr (answer->code, "AccessDenied") != NULL)
    result = g_strdup ("PROBLEM: Cannot access stream. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and "
                       "ListStreams Actions on your stream in IAM.");
  else
    result = g_strdup_printf ("PROBLEM: %s", answer->message);
  practice_mapping_fail (self->mapping, NULL, answer->code, answer->message, result);
}

static void
add_shard (PracticeMappingStream *self,
           const char            *id)
{
  PracticeMapping *mapping = self->mapping;
  PracticeShard *shard = NULL;

  for (guint i = 0; i < self->shards->len; i++) {
    if (g_str_equal (((PracticeShard *) g_ptr_array_index (self->shards, i))->id, id))
      return;
  }
  shard = practice_shard_new (self, id);
  /* Shards that are found later have all come into being since. */
  shard->at_end = self->latest && mapping->fresh && !self->discovered;
  g_ptr_array_add (self->shards, shard);
  if (shard->at_end)
    practice_shard_go_on (shard);   /* at once: nothing may come between */
  else
    practice_shard_go_on_later (shard, 0);
}

static void
on_described (const PracticeAnswer *answer,
              gpointer              data)
{
  g_autoptr (PracticeMapping) mapping = data;
  PracticeMappingStream *self = mapping->stream;
  JsonObject *description = answer->result != NULL ? practice_json_get_object (answer->result, "StreamDescription") : NULL;
  JsonArray *shards = description != NULL ? practice_json_get_array (description, "Shards") : NULL;

  if (self == NULL || mapping->stopped)
    return;
  if (answer->code != NULL) {
    practice_mapping_stream_fail (self, answer);
    if (self->timer_id == 0)
      self->timer_id = g_timeout_add (PRACTICE_SHARD_PROBLEM_MS, on_discover, self);
    return;
  }
  practice_mapping_recover (mapping);
  for (guint i = 0; shards != NULL && i < json_array_get_length (shards); i++)
    add_shard (self, practice_json_get_string (json_array_get_object_element (shards, i), "ShardId"));
  self->discovered = TRUE;
}

void
practice_mapping_stream_discover (PracticeMappingStream *self)
{
  PracticeMapping *mapping = self->mapping;
  PracticePrincipal *principal = practice_mapping_get_principal (mapping);
  JsonObject *params = NULL;

  if (mapping->stopped)
    return;
  if (principal == NULL) {
    if (self->timer_id == 0)
      self->timer_id = g_timeout_add (PRACTICE_SHARD_PROBLEM_MS, on_discover, self);
    return;
  }
  params = json_object_new ();
  json_object_set_string_member (params, "StreamArn", mapping->source_arn);
  practice_server_call (mapping->server, principal, "dynamodb", "DescribeStream", mapping->region, params, NULL, on_described, practice_mapping_ref (mapping));
}

static void
on_arrival (PracticeServer        *server,
            const char            *arn,
            PracticeMappingStream *self)
{
  if (self->mapping->stopped || !g_str_equal (arn, self->mapping->source_arn))
    return;
  if (self->discovered && self->shards->len == 0)
    practice_mapping_stream_discover (self);
  for (guint i = 0; i < self->shards->len; i++) {
    PracticeShard *shard = g_ptr_array_index (self->shards, i);

    shard->waiting = FALSE;
    practice_shard_go_on (shard);
  }
}

PracticeMappingStream *
practice_mapping_stream_new (PracticeMapping *mapping)
{
  PracticeMappingStream *self = g_new0 (PracticeMappingStream, 1);

  self->mapping = mapping;
  self->shards = g_ptr_array_new_with_free_func (practice_shard_free);
  self->latest = g_strcmp0 (practice_json_get_string (mapping->config, "StartingPosition"), "LATEST") == 0;
  self->arrival_id = g_signal_connect (mapping->server, "arrival", G_CALLBACK (on_arrival), self);
  mapping->stream = self;
  if (mapping->fresh)
    practice_mapping_stream_discover (self);
  else
    self->timer_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_discover, self, NULL);
  return self;
}

void
practice_mapping_stream_free (PracticeMappingStream *self)
{
  /* A server that is going away has let go of its handlers. */
  if (g_signal_handler_is_connected (self->mapping->server, self->arrival_id))
    g_signal_handler_disconnect (self->mapping->server, self->arrival_id);
  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_ptr_array_unref (self->shards);
  g_free (self);
}
