/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-tags.h"

#include "practice-json.h"

#define MAX_KEY 128
#define MAX_VALUE 256

static void
copy_tags (JsonObject *from,
           JsonObject *to)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, from);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    json_object_set_member (to, key, json_node_copy (value));
}

gboolean
practice_tags_are_valid (JsonObject *tags)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  json_object_iter_init (&iter, tags);
  while (json_object_iter_next (&iter, &key, &value)) {
    const char *text = practice_json_node_get_string (value);

    if (text == NULL || *key == '\0' || g_utf8_strlen (key, -1) > MAX_KEY || g_utf8_strlen (text, -1) > MAX_VALUE)
      return FALSE;
  }
  return TRUE;
}

JsonObject *
practice_tags_merge (JsonObject *tags,
                     JsonObject *added)
{
  JsonObject *merged = json_object_new ();

  copy_tags (tags, merged);
  copy_tags (added, merged);
  return merged;
}

JsonObject *
practice_tags_without (JsonObject *tags,
                       JsonArray  *keys)
{
  JsonObject *left = json_object_new ();

  copy_tags (tags, left);
  for (guint i = 0; keys != NULL && i < json_array_get_length (keys); i++) {
    const char *key = practice_json_node_get_string (json_array_get_element (keys, i));

    if (key != NULL)
      json_object_remove_member (left, key);
  }
  return left;
}

void
practice_tags_tell (JsonObject *tags,
                    const char *arn,
                    JsonArray  *resources)
{
  JsonObject *resource;
  JsonArray *list;
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (tags == NULL || json_object_get_size (tags) == 0)
    return;
  resource = json_object_new ();
  list = json_array_new ();
  json_object_iter_init_ordered (&iter, tags);
  while (json_object_iter_next_ordered (&iter, &key, &value)) {
    JsonObject *tag = json_object_new ();
    const char *text = practice_json_node_get_string (value);

    json_object_set_string_member (tag, "Key", key);
    json_object_set_string_member (tag, "Value", text != NULL ? text : "");
    json_array_add_object_element (list, tag);
  }
  json_object_set_string_member (resource, "ResourceARN", arn);
  json_object_set_array_member (resource, "Tags", list);
  json_array_add_object_element (resources, resource);
}
