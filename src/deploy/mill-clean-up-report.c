/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-clean-up-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"

static void
set_time (JsonObject *object,
          const char *name,
          gint64      microseconds)
{
  g_autoptr(GDateTime) seconds = NULL;
  g_autoptr(GDateTime) time = NULL;
  g_autofree char *text = NULL;

  if (microseconds == 0)
    return;
  seconds = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  time = g_date_time_add (seconds, microseconds % G_USEC_PER_SEC);
  text = g_date_time_format_iso8601 (time);
  json_object_set_string_member (object, name, text);
}

static const char *
why_left (MillCleanPiece *piece)
{
  MillCleanPiece *by = mill_clean_piece_carrier (piece);

  if (piece->error != NULL)
    return piece->error->message;
  return by->error != NULL ? by->error->message : _("something that needs it could not be deleted");
}

/* When a resource was made and by which request, of which the record only has the last. */
static void
on_made (sqlite3_stmt *row,
         gpointer      data)
{
  const char *logical_id = (const char *) sqlite3_column_text (row, 0);
  const char *request_id = (const char *) sqlite3_column_text (row, 2);
  JsonObject *made = json_object_new ();

  json_object_set_string_member (made, "madeRequestId", request_id != NULL ? request_id : "");
  set_time (made, "made", sqlite3_column_int64 (row, 1));
  json_object_set_object_member (data, logical_id, made);
}

static JsonObject *
read_made (MillClean *clean)
{
  JsonObject *made = json_object_new ();

  /* The report is made whatever is the matter with the ledger: that is told by who commits it. Later rows replace earlier ones. */
  mill_ledger_read (mill_deployment_get_ledger (clean->deployment), on_made, made, NULL,
                    "SELECT logical_id, time, request_id FROM history WHERE deployment = ? AND state = ? AND request_id <> '' ORDER BY seq", "ss",
                    mill_deployment_get_id (clean->deployment), mill_resource_state_to_string (MILL_RESOURCE_MADE));
  return made;
}

static JsonObject *
describe (MillCleanPiece *piece,
          JsonObject     *all_made)
{
  MillRecord *record = piece->job->record;
  JsonObject *made = aws_json_get_object (all_made, record->logical_id);
  JsonObject *object = mill_properties_build ("logicalId:s", record->logical_id, "type:s", record->type, "name:s", record->name,
                                              "physicalId:s", record->physical_id, "arn:s", record->arn,
                                              "state:s", mill_resource_state_to_string (record->state), "deletedWith:s", piece->with,
                                              "madeRequestId:s", made != NULL ? aws_json_get_string (made, "madeRequestId") : NULL,
                                              "requestId:s", record->request_id,
                                              "pendingConfirmation:s", aws_json_get_string (record->notes, MILL_NOTE_PENDING),
                                              "proof:o", json_object_ref (piece->proof), NULL);

  if (piece->job->replaced)
    json_object_set_boolean_member (object, "replaced", TRUE);
  if (piece->job->handler->borrowed)
    json_object_set_boolean_member (object, "borrowed", TRUE);
  set_time (object, "made", record->made_at);
  if (!json_object_has_member (object, "made") && made != NULL)
    json_object_set_string_member (object, "made", aws_json_get_string (made, "made"));
  set_time (object, "deleted", record->deleted_at);
  return object;
}

static void
add_left (JsonArray  *left,
          const char *what,
          const char *why)
{
  json_array_add_object_element (left, mill_properties_build ("logicalId:s", what, "why:s", why, NULL));
}

MillCleanup *
mill_clean_report (MillClean *self)
{
  MillTarget *target = mill_deployment_get_target (self->deployment);
  MillCleanup *cleanup = g_new0 (MillCleanup, 1);
  g_autoptr(JsonObject) made = read_made (self);
  JsonArray *resources = json_array_new ();
  JsonArray *groups = json_array_new ();
  JsonArray *left = json_array_new ();

  for (guint i = 0; i < self->pieces->len; i++)
    {
      MillCleanPiece *piece = self->pieces->pdata[i];

      json_array_add_object_element (resources, describe (piece, made));
      if (piece->job->record->state == MILL_RESOURCE_DELETED)
        cleanup->deleted += !piece->job->handler->borrowed;
      else
        add_left (left, piece->logical_id, why_left (piece));
    }
  for (guint i = 0; i < self->logs->len; i++)
    {
      MillCleanLogs *logs = self->logs->pdata[i];

      json_array_add_object_element (groups, mill_properties_build ("logGroup:s", logs->group, "of:s", logs->maker->logical_id, "deleted:b", logs->found,
                                                                    "olderThanFunction:b", logs->older,
                                                                    "error:s", logs->error != NULL ? logs->error->message : NULL, NULL));
      if (logs->error != NULL)
        add_left (left, logs->group, logs->error->message);
    }
  cleanup->verified = cleanup->deleted;
  cleanup->left = json_array_get_length (left);
  cleanup->report = mill_properties_build ("deployment:s", mill_deployment_get_id (self->deployment),
                                           "tutorial:s", mill_deployment_get_tutorial_id (self->deployment),
                                           "target:s", mill_target_get_spec (target), "region:s", mill_target_get_region (target),
                                           "account:s", mill_deployment_get_account (self->deployment),
                                           "deleted:i", (int) cleanup->deleted, "verified:i", (int) cleanup->verified,
                                           "resources:a", resources, "logGroups:a", groups, "left:a", left,
                                           "tagSearch:o", self->tag_search != NULL ? json_object_ref (self->tag_search) : NULL, NULL);
  set_time (cleanup->report, "started", self->started);
  set_time (cleanup->report, "ended", g_get_real_time ());
  return cleanup;
}
