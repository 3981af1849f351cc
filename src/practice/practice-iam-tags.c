/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-ops.h"

#include <string.h>

#include "practice-json.h"

#define MAX_TAGS 50

/* (transfer full): the ARN of the role, user or policy whose tags are meant; NULL after failing @call. */
static char *
get_tagged (PracticeIam  *self,
            PracticeCall *call)
{
  g_auto (PracticeIamHolder) holder = { 0 };
  const char *arn = NULL;
  sqlite3_stmt *statement = NULL;
  gboolean found = FALSE;

  if (strstr (practice_call_get_operation (call), "Policy") == NULL)
    return practice_iam_get_holder (self, call, &holder) ? g_steal_pointer (&holder.arn) : NULL;

  arn = practice_iam_require (call, "PolicyArn");
  if (arn == NULL || !practice_iam_allow (call, arn))
    return NULL;
  statement = practice_store_prepare (practice_iam_get_store (self), "SELECT 1 FROM iam_policy WHERE arn = ?", "s", arn);
  found = sqlite3_step (statement) == SQLITE_ROW;
  sqlite3_reset (statement);
  if (!found) {
    practice_call_fail (call, 404, "NoSuchEntity", "Policy %s was not found.", arn);
    return NULL;
  }
  return g_strdup (arn);
}

void
practice_iam_tag (PracticeCall *call,
                  gpointer      service)
{
  PracticeIam *self = service;
  PracticeStore *store = practice_iam_get_store (self);
  JsonArray *tags = practice_call_get_array (call, "Tags");
  g_autofree char *arn = NULL;
  sqlite3_stmt *statement = NULL;
  gint64 count = 0;

  if (practice_call_is_answered (call) || (arn = get_tagged (self, call)) == NULL || !practice_iam_check_tags (call, tags))
    return;
  practice_iam_store_tags (self, arn, tags);
  statement = practice_store_prepare (store, "SELECT count(*) FROM iam_tag WHERE arn = ?", "s", arn);
  if (sqlite3_step (statement) == SQLITE_ROW)
    count = sqlite3_column_int64 (statement, 0);
  sqlite3_reset (statement);
  practice_iam_changed (self);
  /* Failing takes back what was stored. */
  if (count > MAX_TAGS)
    practice_call_fail (call, 409, "LimitExceeded", "The number of tags has reached the maximum limit.");
  else
    practice_call_return (call, NULL);
}

void
practice_iam_untag (PracticeCall *call,
                    gpointer      service)
{
  PracticeIam *self = service;
  JsonArray *keys = practice_call_get_array (call, "TagKeys");
  g_autofree char *arn = NULL;

  if (practice_call_is_answered (call) || (arn = get_tagged (self, call)) == NULL)
    return;
  for (guint i = 0; keys != NULL && i < json_array_get_length (keys); i++) {
    JsonNode *key = json_array_get_element (keys, i);

    if (practice_json_is_string (key))
      practice_store_run (practice_iam_get_store (self), "DELETE FROM iam_tag WHERE arn = ? AND key = ?", "ss", arn, json_node_get_string (key));
  }
  practice_iam_changed (self);
  practice_call_return (call, NULL);
}

void
practice_iam_list_tags (PracticeCall *call,
                        gpointer      service)
{
  g_auto (PracticeIamPage) page = { 0 };
  g_autoptr (JsonArray) tags = NULL;
  g_autofree char *arn = get_tagged (service, call);

  if (arn == NULL || !practice_iam_page_begin (&page, call))
    return;
  tags = practice_iam_load_tags (service, arn);
  for (guint i = 0; i < json_array_get_length (tags); i++) {
    JsonObject *tag = json_array_get_object_element (tags, i);
    const char *key = practice_json_get_string (tag, "Key");

    if (g_ascii_strcasecmp (key, page.after) > 0 && !practice_iam_page_add_object (&page, key, json_object_ref (tag)))
      break;
  }
  practice_iam_page_return (&page, call, "Tags", NULL);
}
