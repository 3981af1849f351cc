/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tap-envelope.h"

#include "aws-json.h"

static double
parse_time (const char *text)
{
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL ? g_date_time_to_unix (time) + g_date_time_get_microsecond (time) / (double) G_USEC_PER_SEC : 0;
}

JsonObject *
mill_tap_envelope_parse (const char *body)
{
  static const struct { const char *member, *as; } texts[] = {
    { "TopicArn", "topicArn" }, { "MessageId", "messageId" }, { "Message", "message" }, { "Subject", "subject" },
  };
  g_autoptr (JsonObject) envelope = aws_json_parse_object (body, -1, NULL);
  JsonObject *event;

  if (envelope == NULL || g_strcmp0 (aws_json_get_string (envelope, "Type"), "Notification") != 0 || aws_json_get_string (envelope, "TopicArn") == NULL ||
      aws_json_get_string (envelope, "MessageId") == NULL || aws_json_get_string (envelope, "Message") == NULL)
    return NULL;
  event = json_object_new ();
  json_object_set_string_member (event, "kind", "topic-tapped");
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (aws_json_get_string (envelope, texts[i].member) != NULL)
      json_object_set_string_member (event, texts[i].as, aws_json_get_string (envelope, texts[i].member));
  json_object_set_double_member (event, "time", parse_time (aws_json_get_string (envelope, "Timestamp")));
  return event;
}
