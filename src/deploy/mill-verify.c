/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine-private.h"

/* AWS's reads may lag behind its writes: what was just made and is not found yet is asked for again that long. */
#define LAG_SECONDS 30
#define FIRST_PAUSE_MS 5
/* In the notes of a record: what was not set, as it was first read. */
#define NOTE_REST "AsMade"
#define MOST_PAUSE_MS 1000
/* Of a value in a sentence. */
#define MOST_LETTERS 120

static gboolean
was_just_made (const MillRecord *record)
{
  return record->made_at != 0 && g_get_real_time () - record->made_at < LAG_SECONDS * G_USEC_PER_SEC && record->verified_at == 0;
}

static JsonObject *
read_patiently (MillJob  *job,
                GError  **error)
{
  guint pause = FIRST_PAUSE_MS;

  if (job->actual != NULL)
    return g_steal_pointer (&job->actual);
  while (TRUE)
    {
      g_autoptr(GError) local = NULL;
      JsonObject *actual = job->handler->read (job, &local);

      if (actual != NULL)
        return actual;
      if (!mill_error_is_gone (local) || !was_just_made (job->record))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      mill_job_set_waiting (job, _("It was made, but AWS does not show it everywhere yet."));
      if (!mill_job_sleep (job, pause, error))
        return NULL;
      pause = MIN (pause * 2, MOST_PAUSE_MS);
    }
}

/* What AWS chose where the template is silent, without what changes by itself. */
static JsonObject *
dup_rest (MillJob    *job,
          JsonObject *actual)
{
  JsonObject *rest = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, actual);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    if (!json_object_has_member (job->properties, name) && strcmp (name, "PendingConfirmation") != 0 && !mill_properties_same (value, NULL))
      json_object_set_member (rest, name, aws_json_copy_node (value));
  return rest;
}

/* (transfer full): one value of a list, short: of an ARN the name. */
static char *
dup_short (JsonNode *node)
{
  const char *string, *name;

  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return json_to_string (node, FALSE);
  string = json_node_get_string (node);
  if (!g_str_has_prefix (string, "arn:"))
    return g_strdup (string);
  name = strrchr (string, '/');
  if (name == NULL)
    name = strrchr (string, ':');
  return g_strdup (name + 1);
}

/* (transfer full) (nullable): what @list has and @other has not, by commas. */
static char *
dup_only_in (JsonArray *list,
             JsonArray *other)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      g_autofree char *one = NULL;
      gboolean there = FALSE;

      for (guint j = 0; j < json_array_get_length (other) && !there; j++)
        there = mill_properties_same (node, json_array_get_element (other, j));
      if (there)
        continue;
      one = dup_short (node);
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", one);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/* (transfer full) (nullable): for a sentence; a policy's whole document would bury it. */
static char *
dup_value (JsonObject *object,
           const char *name)
{
  g_autofree char *text = mill_properties_dup_text (object, name);
  g_autofree char *start = NULL;

  if (text == NULL || g_utf8_strlen (text, -1) <= MOST_LETTERS)
    return g_steal_pointer (&text);
  start = g_utf8_substring (text, 0, MOST_LETTERS);
  return g_strconcat (start, "…", NULL);
}

/* (transfer full): says what differs; of lists, only what came and went. */
static char *
describe (const char *logical_id,
          const char *name,
          JsonObject *actual,
          JsonObject *wanted)
{
  JsonArray *is = aws_json_get_array (actual, name);
  JsonArray *was = aws_json_get_array (wanted, name);
  g_autofree char *more = is != NULL && was != NULL ? dup_only_in (is, was) : NULL;
  g_autofree char *less = is != NULL && was != NULL ? dup_only_in (was, is) : NULL;
  g_autofree char *now = NULL;
  g_autofree char *then = NULL;

  if (more != NULL && less != NULL)
    /* Translators: a property, a resource, what its list has lost, what it has got */
    return g_strdup_printf (_("%s of %s lacks %s and has %s instead: somebody changed it."), name, logical_id, less, more);
  if (less != NULL)
    return g_strdup_printf (_("%s of %s lacks %s: somebody took it away."), name, logical_id, less);
  if (more != NULL)
    return g_strdup_printf (_("%s of %s has %s besides what was set: somebody added it."), name, logical_id, more);
  now = dup_value (actual, name);
  then = dup_value (wanted, name);
  if (then == NULL)
    return g_strdup_printf (_("%s of %s is %s, and was not set at all: somebody changed it."), name, logical_id, now);
  if (now == NULL)
    return g_strdup_printf (_("%s of %s was %s, and is not set any more: somebody changed it."), name, logical_id, then);
  return g_strdup_printf (_("%s of %s is %s, and not %s as it was set: somebody changed it."), name, logical_id, now, then);
}

/*
 * The template's properties, and then the rest, as it was when it was first read: a visibility timeout that nobody set can be changed by hand as well.
 * @whole: @actual is all there is to know; where it is only what a creating call answered, the rest is learned the next time.
 * Returns (transfer full) (nullable): the name of what differs; @wanted: (out) (transfer full): what it should be.
 */
static char *
find_change (MillJob     *job,
             JsonObject  *actual,
             gboolean     whole,
             JsonObject **wanted)
{
  char *different = mill_properties_differ (job->properties, actual);
  g_autoptr(JsonObject) rest = dup_rest (job, actual);
  const char *note = aws_json_get_string (job->record->notes, NOTE_REST);
  g_autoptr(JsonObject) before = note != NULL ? aws_json_parse_object (note, -1, NULL) : NULL;

  if (different != NULL)
    {
      *wanted = json_object_ref (job->properties);
      return different;
    }
  if (before == NULL && job->handler->unset != NULL && json_object_has_member (rest, job->handler->unset))
    {
      *wanted = json_object_ref (job->properties);
      return g_strdup (job->handler->unset);
    }
  if (before == NULL)
    {
      g_autofree char *text = aws_json_object_to_text (rest);

      if (whole)
        mill_record_set_note (job->record, NOTE_REST, text);
      return NULL;
    }
  different = mill_properties_differ (before, rest);
  if (different == NULL)
    different = mill_properties_differ (rest, before);
  if (different != NULL)
    *wanted = g_steal_pointer (&before);
  return different;
}

gboolean
mill_verify (MillJob  *job,
             GError  **error)
{
  MillRecord *record = job->record;
  gboolean whole = job->answer == NULL;
  g_autoptr(JsonObject) wanted_object = NULL;
  g_autoptr(JsonObject) actual = NULL;
  g_autoptr(GError) local = NULL;
  g_autoptr(GError) found = NULL;
  g_autofree char *different = NULL;

  actual = read_patiently (job, &local);
  if (actual == NULL && !mill_error_is_gone (local))
    {
      mill_job_set_waiting (job, NULL);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  g_free (record->wait_reason);
  record->wait_reason = g_strdup ("");
  if (actual == NULL)
    {
      record->state = MILL_RESOURCE_MISSING;
      found = g_error_new (MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY,
                           job->replaced ? _("%s was deleted by hand, and what has its name now is not this deployment’s.")
                                         : _("%s was made, but is not there any more: somebody deleted it."),
                           record->logical_id);
    }
  else if ((different = find_change (job, actual, whole, &wanted_object)) != NULL)
    {
      g_autofree char *sentence = describe (record->logical_id, different, actual, wanted_object);

      record->state = MILL_RESOURCE_CHANGED;
      found = g_error_new_literal (MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY, sentence);
    }
  else
    {
      record->state = MILL_RESOURCE_VERIFIED;
      record->verified_at = g_get_real_time ();
    }
  mill_record_set_error (record, found);
  mill_job_publish (job, "");
  return TRUE;
}

JsonObject *
mill_change_dup_wanted (MillJob    *job,
                      JsonObject *actual)
{
  const char *note = aws_json_get_string (job->record->notes, NOTE_REST);
  g_autoptr(JsonObject) before = note != NULL ? aws_json_parse_object (note, -1, NULL) : NULL;
  JsonObject *whole = aws_json_copy_object (job->properties);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (before == NULL)
    return whole;
  json_object_iter_init_ordered (&iter, before);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    if (!json_object_has_member (whole, name) && !mill_properties_same (value, json_object_get_member (actual, name)))
      json_object_set_member (whole, name, aws_json_copy_node (value));
  return whole;
}

gboolean
mill_change (MillJob  *job,
             GError  **error)
{
  g_autoptr(JsonObject) before = json_object_ref (job->record->properties);
  g_autofree char *intent = NULL;

  if (job->handler->update == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY, _("%s (%s) cannot be changed once it is made: undo its step first."),
                   job->record->logical_id, job->record->type);
      return FALSE;
    }
  /* The intent first; the record keeps what was there until the cloud has said yes. */
  job->record->intended_at = g_get_real_time ();
  intent = g_strdup_printf ("change %s", job->record->logical_id);
  mill_job_publish (job, intent);
  if (!mill_ledger_commit (mill_deployment_get_ledger (job->deployment), error))
    return FALSE;
  if (!job->handler->update (job, before, error))
    return FALSE;
  json_object_unref (job->record->properties);
  job->record->properties = json_object_ref (job->properties);
  mill_record_set_note (job->record, NOTE_REST, NULL);
  job->record->made_at = g_get_real_time ();
  job->record->verified_at = 0;
  return TRUE;
}
