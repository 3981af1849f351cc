/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-private.h"

#include <string.h>

#include "practice-json.h"
#include "practice-tags.h"

#define MAX_TAGS 50

gboolean
practice_lambda_check_tags (PracticeCall *call,
                            JsonObject   *tags)
{
  if (practice_call_is_answered (call))
    return FALSE;
  if (tags == NULL)
    return TRUE;
  if (json_object_get_size (tags) > MAX_TAGS) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "Number of tags exceeds resource tag limit.");
    return FALSE;
  }
  if (!practice_tags_are_valid (tags)) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "A tag has a key of 1 to 128 characters and a value of at most 256.");
    return FALSE;
  }
  return TRUE;
}

/* (transfer full): the tags of what a call's Resource names, function or mapping; NULL after failing the call. @arn: (out) (transfer none): its ARN. */
static JsonObject *
tags_of_resource (PracticeCall *call,
                  const char   *action,
                  const char  **arn)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  JsonObject *tags = NULL;
  sqlite3_stmt *row;
  gboolean found = FALSE;

  *arn = practice_call_get_string (call, "Resource");
  if (*arn == NULL || !g_str_has_prefix (*arn, "arn:aws:lambda:") ||
      (strstr (*arn, ":function:") == NULL && strstr (*arn, ":event-source-mapping:") == NULL)) {
    practice_lambda_fail_constraint (call, *arn, "resource", "Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}"
                                     "((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|"
                                     "code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})");
    return NULL;
  }
  if (!practice_call_allow (call, action, *arn, NULL, NULL))
    return NULL;
  row = practice_store_prepare (store, "SELECT tags FROM lambda_function WHERE arn = ?1 UNION ALL SELECT tags FROM lambda_mapping WHERE arn = ?1", "s", *arn);
  if (sqlite3_step (row) == SQLITE_ROW) {
    found = TRUE;
    tags = practice_json_parse_object ((const char *) sqlite3_column_text (row, 0), -1, NULL);
  }
  sqlite3_reset (row);
  if (!found) {
    practice_lambda_fail (call, 404, "ResourceNotFoundException", strstr (*arn, ":function:") != NULL ? "Function not found: %s" : "Event source mapping not found: %s",
                          *arn);
    return NULL;
  }
  return tags != NULL ? tags : json_object_new ();
}

static void
save_tags (PracticeCall *call,
           const char   *arn,
           JsonObject   *tags)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  g_autofree char *text = practice_json_object_to_text (tags);

  practice_store_run (store, "UPDATE lambda_function SET tags = ? WHERE arn = ?", "ss", text, arn);
  practice_store_run (store, "UPDATE lambda_mapping SET tags = ? WHERE arn = ?", "ss", text, arn);
  practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
}

void
practice_lambda_tag_resource (PracticeCall *call,
                              gpointer      service)
{
  const char *arn = NULL;
  JsonObject *added = practice_call_get_object (call, "Tags");
  g_autoptr (JsonObject) tags = NULL;
  g_autoptr (JsonObject) merged = NULL;

  if (practice_call_is_answered (call))
    return;
  if (added == NULL || json_object_get_size (added) == 0) {
    practice_lambda_fail (call, 400, "InvalidParameterValueException", "An error occurred and the request cannot be processed.");
    return;
  }
  if (!practice_lambda_check_tags (call, added))
    return;
  tags = tags_of_resource (call, "lambda:TagResource", &arn);
  if (tags == NULL)
    return;
  merged = practice_tags_merge (tags, added);
  if (practice_lambda_check_tags (call, merged))
    save_tags (call, arn, merged);
}

void
practice_lambda_untag_resource (PracticeCall *call,
                                gpointer      service)
{
  const char *arn = NULL;
  JsonArray *keys = practice_call_get_array (call, "tagKeys");
  g_autoptr (JsonObject) tags = NULL;
  g_autoptr (JsonObject) left = NULL;

  if (practice_call_is_answered (call))
    return;
  if (keys == NULL) {
    practice_lambda_fail_constraint (call, NULL, "tagKeys", "Member must not be null");
    return;
  }
  tags = tags_of_resource (call, "lambda:UntagResource", &arn);
  if (tags == NULL)
    return;
  left = practice_tags_without (tags, keys);
  save_tags (call, arn, left);
}

void
practice_lambda_list_tags (PracticeCall *call,
                           gpointer      service)
{
  const char *arn = NULL;
  JsonObject *tags = tags_of_resource (call, "lambda:ListTags", &arn);
  JsonObject *result = NULL;

  if (tags == NULL)
    return;
  result = json_object_new ();
  json_object_set_object_member (result, "Tags", tags);
  practice_call_return (call, result);
}

void
practice_lambda_list_tagged (JsonArray  *resources,
                             const char *region,
                             gpointer    data)
{
  PracticeLambda *self = data;
  sqlite3_stmt *rows = practice_store_prepare (practice_server_get_store (self->server),
                                               "SELECT arn, tags FROM lambda_function WHERE region = ?1 AND tags <> '{}'"
                                               "  UNION ALL SELECT arn, tags FROM lambda_mapping WHERE region = ?1 AND tags <> '{}'", "s", region);

  while (sqlite3_step (rows) == SQLITE_ROW) {
    g_autoptr (JsonObject) tags = practice_json_parse_object ((const char *) sqlite3_column_text (rows, 1), -1, NULL);

    practice_tags_tell (tags, (const char *) sqlite3_column_text (rows, 0), resources);
  }
  sqlite3_reset (rows);
}
