/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-legacy.h"

#include "practice-dynamodb-error.h"

gboolean
practice_dynamodb_legacy_refuse (JsonObject  *params,
                                 GError     **error)
{
  static const struct {
    const char *member;
    const char *instead;
  } legacy[] = {
    { "AttributesToGet", "ProjectionExpression" },
    { "AttributeUpdates", "UpdateExpression" },
    { "ConditionalOperator", "ConditionExpression or FilterExpression" },
    { "Expected", "ConditionExpression" },
    { "KeyConditions", "KeyConditionExpression" },
    { "QueryFilter", "FilterExpression" },
    { "ScanFilter", "FilterExpression" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (legacy); i++) {
    if (json_object_has_member (params, legacy[i].member) && !json_object_get_null_member (params, legacy[i].member))
      return practice_dynamodb_invalid (error, "The legacy parameter %s is not supported here; use %s instead", legacy[i].member, legacy[i].instead);
  }
  return TRUE;
}
